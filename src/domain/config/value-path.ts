/**
 * Paths of chart values as helm writes them: `app.image`, `env[0].name`, and a backslash before a dot that belongs to a
 * key (`annotations.example\.com/x`). Whole numbers in the result are list indices.
 */
export type ValuePath = readonly (string | number)[]

/** Undefined when the text is no path (an empty part, a bracket that does not close). */
export function parseValuePath(text: string): ValuePath | undefined {
  const parts: (string | number)[] = []
  let rest = text
  let first = true
  while (rest !== '') {
    const index = /^\[(\d{1,5})\]/u.exec(rest)
    const key = index === null ? /^(?:\\.|[^.[\]\\])+/u.exec(first ? rest : rest.replace(/^\./u, '')) : null
    if (index?.[1] !== undefined) {
      if (first) return undefined
      parts.push(Number(index[1]))
      rest = rest.slice(index[0].length)
    } else if (key !== null && (first || rest.startsWith('.'))) {
      parts.push(key[0].replace(/\\(.)/gu, '$1'))
      rest = rest.slice(key[0].length + (first ? 0 : 1))
    } else return undefined
    first = false
  }
  return parts.length > 0 ? parts : undefined
}

export function showValuePath(path: ValuePath): string {
  return path.reduce<string>((shown, part) => {
    if (typeof part === 'number') return `${shown}[${part}]`
    const escaped = part.replace(/[.[\]\\]/gu, '\\$&')
    return shown === '' ? escaped : `${shown}.${escaped}`
  }, '')
}
