import type { Source } from '../config/model.ts'

/**
 * One line and the line break that an editor or `echo` put after it. Whoever compares it (a database, a signature) takes
 * the break for a part of the value; texts of several lines (keys, certificates) end with one by right.
 */
export function endsInStrayNewline(text: string): boolean {
  // Without a pattern for the whole: that would look at each place of a long text once more for each of its letters.
  const line = text.replace(/\r?\n(?:\n)*$/u, '')
  return line !== text && !line.includes('\n') && line.trim() !== ''
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
