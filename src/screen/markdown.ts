/**
 * Text of others within Markdown, as GitHub reads it (GFM 0.29): it stays text. What could be read as anything else (HTML, a link,
 * a mention, an image that tells who looks) stands as code, in which nothing of it is.
 */
export function markdownText(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/gu, ' ')
  const isPlain =
    !/[`*<>[\]{}\\|@#&~$!]|:\/\/|www\.|(?:^|[^\p{L}\p{N}])_|_(?:$|[^\p{L}\p{N}])|^\s*(?:[-+=]|\d+[.)])/iu.test(line)
  return isPlain ? line : markdownCode(line)
}

/** One line as code, also in the cell of a table: there `\` and `|` end a cell before they are code. */
export function markdownCode(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/gu, ' ')
  if (line.trim() === '') return ''
  if (!/[`|\\]/u.test(line)) return `\`${line}\``
  return `<code>${line.replaceAll(/[!-/:-@[-`{-~]/gu, (sign) => `&#${sign.charCodeAt(0)};`)}</code>`
}

/** Several lines as they stand: the fence is longer than any that is in them. */
export function markdownBlock(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/gu)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return [fence, ...lines, fence]
}
