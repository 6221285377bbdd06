/** Words of a command line with quotes, as compose takes a text apart (POSIX quoting, no variables). Undefined: a quote is not closed. */
export function commandWords(text: string): string[] | undefined {
  const words: string[] = []
  const token = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsuy
  let word: string | undefined
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) return undefined
    const [, single, double, escaped, plain] = found
    const part = single ?? double?.replaceAll(/\\(["\\$`])/gu, '$1') ?? escaped ?? plain
    if (part === undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + part
  }
  return word === undefined ? words : [...words, word]
}
