/** A `NAME=value` line of a dotenv file, postgresql.conf, a properties file; not one that is commented out. */
const ENTRY = /^(\s*(?:export\s+)?)([\w.-]+)([ \t]*=[ \t]*)([^\n]*)$/u

/**
 * Changes the value of each name where it is set (everywhere, where it is set twice), and adds a line at the end where it is
 * not. The way in which the line is written stays, and a comment behind the value in the manner of postgresql.conf.
 */
export function setLines(text: string, values: ReadonlyMap<string, string>): string {
  const left = new Map(values)
  const lines = text.split('\n').map((line) => {
    const [, before = '', name = '', sign = '', rest = ''] = ENTRY.exec(line) ?? []
    const value = values.get(name)
    if (value === undefined) return line
    left.delete(name)
    return `${before}${name}${sign}${value}${/\s+#.*$|\r$/u.exec(rest)?.[0] ?? ''}`
  })
  const added = [...left].map(([name, value]) => `${name}=${value}`)
  if (added.length === 0) return lines.join('\n')
  const ends = lines.at(-1) === ''
  return [...(ends ? lines.slice(0, -1) : lines), ...added, ''].join('\n')
}

/** Without the lines that set these names. */
export function omitLines(text: string, names: readonly string[]): string {
  const kept = text.split('\n').filter((line) => !names.includes(ENTRY.exec(line)?.[2] ?? ''))
  return kept.join('\n')
}
