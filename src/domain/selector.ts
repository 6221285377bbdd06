export type Labels = Readonly<Record<string, string>>

export interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** A label selector as Kubernetes writes it. */
export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly Expression[]
}

/** An empty one selects all. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every((one) => holds(one, labels[one.key]))
  )
}

/** `Gt` and `Lt` are for nodes alone. An operator of a later Kubernetes holds. */
export function holds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return true
  }
}

/** `disk=ssd, zone in a|b`: as kubectl writes selectors, for a sentence. */
export function shownSelector({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(shownOne),
  ].join(', ')
}

function shownOne({ key, operator, values = [] }: Expression): string {
  const all = values.length === 1 ? (values[0] ?? '') : `(${values.join(', ')})`
  const words: Readonly<Record<string, string>> = {
    ...{ In: values.length === 1 ? `${key}=${all}` : `${key} in ${all}`, Exists: key, DoesNotExist: `no ${key}` },
    ...{
      NotIn: values.length === 1 ? `${key}!=${all}` : `${key} not in ${all}`,
      Gt: `${key}>${all}`,
      Lt: `${key}<${all}`,
    },
  }
  return words[operator] ?? `${key} ${operator} ${all}`
}
