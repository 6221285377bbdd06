import { credentialsOf, entryOf, flowEntries, leavesOf, loginsOf, settingsOf, unquoted } from '../redact/structures.ts'
import { looksRandom } from '../transforms/secret-like.ts'
import { isSecretPath } from '../values/secret-path.ts'

/** `PGPASSWORD`, `requirepass`: one word, of which the end says it. */
const ENDS_SECRET =
  /(?:password|passwd|passphrase|secret|token|credentials?|(?:^|[^a-z]|pg|require|master|db|auth|user|root)pass)$/iu
/** `--password x` in a shell's line, and `requirepass x` as a line of its own. */
const BEHIND = /(?:^|[\s"'])--?([\w.-]{1,64})[ \t]+("[^"\n]+"|'[^'\n]+'|[^\s"'-]\S*)/gu
const PAIR = /^([\w.-]{1,64})[ \t]+("[^"]+"|'[^']+'|\S+)$/u
const COMMENT = /^\s*(?:#|\/\/(?!\S*:_)|--\s|;)/u
const SCHEME = /\b(?:basic|bearer|token)\s+([\w.~+/-]{8,}=*)/giu
/** `curl -u admin:password`; of a user and a group by their numbers nothing is secret. */
const LOGIN = /(?:^|\s)-u[ \t]+(?!\d*:\d*(?:\s|$))[^\s:"']+:([^\s"']+)/gu
/** What a shell, Kubernetes or a template puts in later. */
const REFERENCE = /\$[({\w]|\{\{|%\(/u
/** A line that is longer is none that somebody wrote. */
const LONGEST_LINE = 4096

/**
 * What in a text of any kind (a file of a ConfigMap, a variable, a shell's line) is secret by the name or the place that it has there:
 * entries, options, logins in URLs, .pgpass and .netrc, elements of XML.
 */
export function tellingParts(text: string): Set<string> {
  const parts = [...loginsOf(text), ...credentialsOf(text), ...settingsOf(text, (key) => tells(key, 'x'))]
  let name = ''
  for (const line of text.split('\n')) {
    if (line.length > LONGEST_LINE || COMMENT.test(line)) continue
    const { key = '', written } = entryOf(line)
    // `- name: DB_PASSWORD`, and its value in the line below.
    const said = key === 'value' && tells(name, 'x') ? name : key
    name = key === 'name' ? (unquoted(written)[0] ?? '') : key === 'value' ? '' : name
    if (written !== '') parts.push(...unquoted(written).filter((value) => tells(said, value)))
    parts.push(...inLine(line.trim()))
  }
  for (const { key, text: leaf } of leavesOf(text) ?? []) if (tells(key, leaf)) parts.push(leaf)
  return new Set(parts.filter((part) => /[\p{L}\d]/u.test(part) && !part.includes('`') && !REFERENCE.test(part)))
}

/** What a line sets, where its name says that it is secret: `password: x`. */
export function secretOfLine(line: string): string | undefined {
  if (line.length > LONGEST_LINE || COMMENT.test(line)) return undefined
  const { key, written } = entryOf(line)
  const [value = ''] = written === '' ? [] : unquoted(written)
  if (key === undefined || value === '' || value.includes('`') || REFERENCE.test(value)) return undefined
  return tells(key, value) || looksRandom(key, value) ? value : undefined
}

function loginsIn(line: string): string[] {
  return [SCHEME, LOGIN].flatMap((pattern) => [...line.matchAll(pattern)].flatMap(([, value]) => value ?? []))
}

function* inLine(line: string): Iterable<string> {
  for (const [, name = '', value = ''] of line.matchAll(BEHIND)) if (tells(name, value)) yield* unquoted(value)
  const [, name = '', value = ''] = PAIR.exec(line) ?? []
  if (tells(name, value)) yield* unquoted(value)
  yield* loginsIn(line)
  const flow = /[[{].*[\]}]/u.exec(line)?.[0]
  if (flow === undefined) return
  for (const { key, text } of flowEntries(flow)) if (tells(key, text)) yield* unquoted(text)
}

/** Does a name say of a value that it is secret? */
export function tells(name: string, value: string): boolean {
  // Words with blanks between them are a sentence, or a statement of SQL.
  if (/\s/u.test(name.trim()) || /^existing|encryption$|pull_?secrets?$/iu.test(name.trim())) return false
  const isWord = value === '' || /^(?:true|false|null)$/iu.test(value)
  return name !== '' && !isWord && (isSecretPath([name.trim()], value) || ENDS_SECRET.test(name.trim()))
}
