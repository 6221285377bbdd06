import type { Source } from '../sources/sources.ts'

/**
 * One line and the line break that an editor or `echo` put after it. Whoever compares it (a database, a signature) takes
 * the break for a part of the value; texts of several lines (keys, certificates) end with one by right.
 */
export function endsInStrayNewline(text: string): boolean {
  // In time that grows with the text alone: one pattern for the whole would begin anew at each of its letters.
  const end = text.indexOf('\n')
  return end > 0 && text.slice(0, end).trim() !== '' && /^\n+$/u.test(text.slice(end))
}

/** What to write into forge.yaml against a stray newline; undefined where the source takes no `trim`, or has said one. */
export function trimAdvice(source: Source): string | undefined {
  if ((source.kind !== 'file' && source.kind !== 'sops') || source.trim !== undefined) return undefined
  return 'say "trim: newline" there, or "trim: none" if it belongs to the value'
}

/** What is wrong with one line that a file gives as a value, if the file's final newline came with it. */
export function strayNewline(source: Source, text: string): string | undefined {
  const advice = endsInStrayNewline(text) ? trimAdvice(source) : undefined
  return advice === undefined ? undefined : `ends with a newline, which would become part of the value; ${advice}`
}
