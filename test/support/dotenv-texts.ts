import { joined, oneOf, randomFrom } from './random.ts'

/** What readers of dotenv files disagree about, in any order: most of the texts are no file that anybody would write. */
const PIECES = [
  ...['A', 'B', 'C=', 'D=', '=', '=', ' = ', ':', ': ', 'export ', '__proto__=', 'x', 'y1', 'é', '.', '-', '\t'],
  ...['"', '"', '"', "'", "'", '`', '`', '\\', '\\"', "\\'", '\\n', '#', ' #', ' ', '$', '${A}'],
  ...['\n', '\n', '\n', '\n', '\r\n', '\r', '\u2028', '\u00A0', '\uFEFF'],
]

/** What stands behind a name, as people write it. */
const VALUES = [
  ...['x', 'y', '7', '.', '/', ':', ' ', ' ', '#', ' #', '\\', '\\n', '\\$', '$', '$A', '${B:-d}', '~', '@', ';', '&'],
  ...['(', '*', '!', '%', 'é', '\t', '\n', '^', '[', '{', '}', ',', '?', '"', "'", '`', '\u00A0'],
]

export function dotenvTexts(seed: number, count: number): string[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => joined(random, PIECES, 30))
}

/** Files of one to three entries, of which many are read alike by all. */
export function likelyDotenvTexts(seed: number, count: number): string[] {
  const random = randomFrom(seed)
  const entry = (): string => {
    const quote = oneOf(random, ['', '"', '"', "'"])
    const head = `${oneOf(random, ['', '', 'export '])}${oneOf(random, ['A', 'B', 'C'])}=`
    return `${head}${quote}${joined(random, VALUES, 5)}${quote}${oneOf(random, ['', '', ' # c', '  '])}\n`
  }
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(random() * 3) }, entry).join(''))
}
