/** A series of Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/u
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)",?/uy
const NUMBER = /^(?:NaN|[+-]?Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/iu

/** Reads it strictly: throws for a line that is none, a series that is there twice, or one whose type nobody told. */
export function seriesOf(text: string): Series[] {
  const types = new Set<string>()
  const seen = new Set<string>()
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  return text.split('\n').flatMap((line) => {
    const type = /^# TYPE (\S+) (?:gauge|counter|histogram|summary|untyped)$/u.exec(line)?.[1]
    if (type !== undefined) types.add(type)
    if (line === '' || line.startsWith('#')) return []
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? fail(line)
    const one = { name, labels: labelsOf(labels), value: numberOf(value) }
    const key = JSON.stringify([name, Object.entries(one.labels).toSorted()])
    if (seen.has(key)) throw new Error(`twice: ${line}`)
    seen.add(key)
    if (!types.has(name) && !types.has(name.replace(/_(?:bucket|sum|count)$/u, ''))) throw new Error(`no type: ${line}`)
    return [one]
  })
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let at = 0
  while (at < text.length) {
    LABEL.lastIndex = at
    const [all, name = '', value = ''] = LABEL.exec(text) ?? fail(text)
    labels[name] = value.replaceAll(/\\(.)/gu, (_, one: string) => (one === 'n' ? '\n' : one))
    at += all.length
  }
  return labels
}

function numberOf(text: string): number {
  if (!NUMBER.test(text)) fail(text)
  return Number(text.replace(/inf$/iu, 'Infinity'))
}

function fail(what: string): never {
  throw new Error(`not of the text format: ${what}`)
}
