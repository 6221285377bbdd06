import { isMap } from '../config/path.ts'

/** Words that some reader of YAML takes for a boolean, or for nothing. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/iu
const PLAIN = /^[A-Za-z][\w./-]*$/u
/** Line breaks for YAML 1.1, and what its writers escape anyway (https://yaml.org/spec/1.1/#id868742); JSON leaves them as they are. */
const ODD = /[\u007F-\u00A0\u2028\u2029\uFEFF]/gu

/**
 * YAML that every reader takes for the same value: block style, no text that could be a number or a boolean, nothing left
 * out. kyaml, through which helm 4 sends whatever passes a post-renderer, makes `''` of a field of nothing between
 * brackets, and adds line breaks to a folded text; in this form there is neither.
 */
export function writeYaml(value: unknown): string {
  return `${block(value, '')}\n`
}

/** Another value in the place of a document that helm printed, which still says of which template it is. */
export function writeDocument(document: string, value: unknown): string {
  const source = /^# Source: .+$/mu.exec(document)?.[0]
  return `\n${source === undefined ? '' : `${source}\n`}${writeYaml(value)}`
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0)
    return value.map((item: unknown) => `${indent}- ${block(item, `${indent}  `).trimStart()}`).join('\n')
  if (isMap(value) && Object.keys(value).length > 0)
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => `${indent}${flow(name)}:${behind(inner, indent)}`)
      .join('\n')
  return indent + scalar(value, indent)
}

/** What follows the colon of a key. */
function behind(value: unknown, indent: string): string {
  const holds = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  return holds ? `\n${block(value, `${indent}  `)}` : ` ${scalar(value, `${indent}  `)}`
}

function scalar(value: unknown, indent: string): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null)
  if (!isLiteral(value)) return flow(value)
  const [sign, text] = value.endsWith('\n') ? ['|', value.slice(0, -1)] : ['|-', value]
  return `${sign}\n${text.replaceAll(/^(?=.)/gmu, indent)}`
}

/** Lines as they stand: none of them odd, the first not indented, no blanks or empty lines at an end. */
function isLiteral(text: string): boolean {
  return /^[!-~][\n -~\u00A1-\u1FFF]*$/u.test(text) && text.includes('\n') && !/ (?:\n|$)|\n\n$/u.test(text)
}

function flow(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text
  return JSON.stringify(text).replaceAll(ODD, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
