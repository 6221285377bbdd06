import type { Position, Problem } from '../config/position.ts'

/**
 * pg_hba.conf for a cluster: pods get addresses from ranges that the file cannot know, so every address of a host record
 * is opened (0.0.0.0/0 or ::/0) and NetworkPolicies decide who gets there. Loopback, host names, `samenet` and the like
 * stay; so do `reject` records, which would shut everybody out when widened. White space and comments stay.
 * Record syntax: PostgreSQL 17 documentation, "The pg_hba.conf File".
 */
export function openPgHba(text: string, file: string): { text: string; problems: readonly Problem[] } {
  return rewriteRanges(
    text,
    file,
    ({ record, start, end, isV6: six }) => `${record.slice(0, start)}${six ? '::/0' : '0.0.0.0/0'}${record.slice(end)}`,
  )
}

/**
 * The same records, opened to these subnets only, one record for each: for clusters in which no NetworkPolicy is enforced.
 * A record of a family that no subnet is of becomes a comment, and lets nobody in.
 */
export function allowSubnets(
  text: string,
  file: string,
  subnets: readonly string[],
): { text: string; problems: readonly Problem[] } {
  return rewriteRanges(text, file, ({ record, start, end, isV6: six }) => {
    const fitting = subnets.filter((subnet) => subnet.includes(':') === six)
    if (fitting.length === 0) return record.replace(/^/gmu, '# ')
    return fitting.map((subnet) => `${record.slice(0, start)}${subnet}${record.slice(end)}`).join('\n')
  })
}

interface RangeRecord {
  /** As it is written, over several lines where a backslash continues it. */
  readonly record: string
  /** Where the address, with a mask beside it, begins and ends. */
  readonly start: number
  readonly end: number
  readonly isV6: boolean
}

type Rewrite = (range: RangeRecord) => string

function rewriteRanges(text: string, file: string, rewrite: Rewrite): { text: string; problems: readonly Problem[] } {
  const problems: Problem[] = []
  const lines = text.split('\n')
  const result: string[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const start = index
    let record = lines[index] ?? ''
    // A backslash at the end continues the record on the next line.
    while (/\\\r?$/u.test(record) && index + 1 < lines.length) {
      index += 1
      record = `${record}\n${lines[index] ?? ''}`
    }
    const opened = openRecord(record, rewrite)
    if (typeof opened === 'string') result.push(opened)
    else {
      const at: Position = { file, line: start + 1, column: opened.column }
      problems.push({ message: opened.fault, at })
      result.push(record)
    }
  }
  return { text: result.join('\n'), problems }
}

interface Token {
  readonly text: string
  readonly start: number
}

interface Fault {
  readonly fault: string
  readonly column: number
}

const HOST = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc']
const INCLUDES = ['include', 'include_if_exists', 'include_dir']
const METHODS = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'peer',
  'ldap',
  'radius',
  'cert',
  'pam',
  'bsd',
  'oauth',
]

function openRecord(record: string, rewrite: Rewrite): string | Fault {
  const tokens = tokenize(record)
  if (!Array.isArray(tokens)) return tokens
  const [type] = tokens
  if (type === undefined || INCLUDES.includes(type.text)) return record
  if (type.text === 'local')
    return tokens.length >= 4 ? (wrongMethod(tokens[3]) ?? record) : tooShort(type, 'TYPE DATABASE USER METHOD')
  if (HOST.includes(type.text)) return openHost(record, type, tokens.slice(3), rewrite)
  return { fault: `"${type.text}" is no record type of pg_hba.conf`, column: type.start + 1 }
}

/** `rest`: what follows the user, an address with the method, or address, mask and method. */
function openHost(record: string, type: Token, rest: readonly Token[], rewrite: Rewrite): string | Fault {
  const [address, second, third] = rest
  if (address === undefined || second === undefined) return tooShort(type, 'TYPE DATABASE USER ADDRESS METHOD')
  const mask = isAddress(address.text) ? second : undefined
  const method = mask === undefined ? second : third
  if (method === undefined) return tooShort(type, 'TYPE DATABASE USER ADDRESS MASK METHOD')
  const wrong = wrongMethod(method)
  if (wrong !== undefined) return wrong
  const range = mask === undefined ? address.text : `${address.text}/${mask.text}`
  if (!isRange(range)) {
    const written = mask === undefined ? address.text : `${address.text} ${mask.text}`
    return isName(address.text) ? record : { fault: `"${written}" is no address range`, column: address.start + 1 }
  }
  if (method.text === 'reject' || isLoopback(address.text)) return record
  const last = mask ?? address
  const isV6Range = address.text.includes(':')
  return rewrite({ record, start: address.start, end: last.start + last.text.length, isV6: isV6Range })
}

function tooShort(type: Token, form: string): Fault {
  return { fault: `a "${type.text}" record needs ${form}`, column: type.start + 1 }
}

function wrongMethod(method: Token | undefined): Fault | undefined {
  if (method !== undefined && METHODS.includes(method.text)) return undefined
  return { fault: `"${method?.text ?? ''}" is no authentication method`, column: (method?.start ?? 0) + 1 }
}

/** Words with their places; quotes keep white space and `#` together, a comment ends the record. */
function tokenize(record: string): Token[] | Fault {
  const tokens: Token[] = []
  const pattern = /[\s,]*(?:#.*|\\\r?\n|((?:"[^"]*"|[^\s"#,])+(?:\s*,\s*(?:"[^"]*"|[^\s"#,])+)*))?/uy
  while (pattern.lastIndex < record.length) {
    const before = pattern.lastIndex
    const word = pattern.exec(record)?.[1]
    if (word !== undefined && word !== '\\') tokens.push({ text: word, start: pattern.lastIndex - word.length })
    if (pattern.lastIndex === before) return { fault: 'a quote is not closed', column: before + 1 }
  }
  return tokens
}

function isAddress(text: string): boolean {
  return isV4(text) || isV6(text)
}

function isV4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/u.test(part) && Number(part) <= 255)
}

function isV6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-f:.]+$/iu.test(text) || text.split('::').length > 2) return false
  const groups = text.split(':').filter((group) => group !== '')
  // An IPv4 address may stand at the end, in place of two groups.
  const count = groups.length + (isV4(groups.at(-1) ?? '') ? 1 : 0)
  const fits = text.includes('::') ? count <= 7 : count === 8
  return (
    fits && groups.every((group, at) => /^[0-9a-f]{1,4}$/iu.test(group) || (at === groups.length - 1 && isV4(group)))
  )
}

function isRange(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  if (text.split('/').length !== 2) return false
  if (isV4(address)) return isV4(bits) || (/^\d{1,2}$/u.test(bits) && Number(bits) <= 32)
  return isV6(address) && (isV6(bits) || (/^\d{1,3}$/u.test(bits) && Number(bits) <= 128))
}

function isLoopback(address: string): boolean {
  return isV4(address.split('/')[0] ?? '')
    ? address.startsWith('127.')
    : /^(?:::1|(?:0+:){7}0*1)(?:\/|$)/u.test(address)
}

/** A host name, a `.domain`, or one of all, samehost, samenet. Digits and dots alone are a mistaken address. */
function isName(text: string): boolean {
  return /^"?\.?[a-z0-9_]([a-z0-9_.-]*)"?$/iu.test(text) && !/^[\d.]+$/u.test(text)
}
