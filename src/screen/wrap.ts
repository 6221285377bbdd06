/** Breaks at spaces; a word longer than the width stands alone, unbroken, so that it can still be copied. */
export function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** A command over several lines that a shell still takes as one: only between its words, with a backslash. */
export function wrapCommand(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const words = line.match(/(?:\\.|'[^']*'|"[^"]*"|[^\s'"\\])+/gu) ?? [line]
  const lines: string[] = []
  let open = ''
  for (const word of words) {
    // What is too long for any line is not helped by one of its own.
    if (open !== '' && word.length <= width - 2 && open.length + 1 + word.length > width - 2) {
      lines.push(`${open} \\`)
      open = word
    } else open = open === '' ? word : `${open} ${word}`
  }
  return [...lines, open]
}
