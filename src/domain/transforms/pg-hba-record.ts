import type { HbaField, HbaLine, HbaToken } from './pg-hba-lines.ts'

/** The address of a host record that can be opened or limited. */
export interface HbaRange {
  /** Where the address, with a mask beside it, begins and ends in the record. */
  readonly start: number
  readonly end: number
  /** `all`: of both families. */
  readonly family: 'v4' | 'v6' | 'all'
}

export interface HbaFault {
  readonly fault: string
  /** In the record as it is written. */
  readonly at: number
}

export type HbaReading =
  | { readonly kind: 'fault'; readonly fault: HbaFault }
  | { readonly kind: 'include'; readonly word: string }
  | { readonly kind: 'range'; readonly range: HbaRange }
  /** A comment, a local record, a name, loopback, a refusal: nothing that is opened or limited. */
  | { readonly kind: 'other' }

const HOST = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc']
const INCLUDES = ['include', 'include_if_exists', 'include_dir']
const METHODS = [
  ...['trust', 'reject', 'scram-sha-256', 'md5', 'password', 'gss', 'sspi', 'ident', 'peer', 'ldap', 'radius', 'cert'],
  ...['pam', 'bsd', 'oauth'],
]

const OTHER: HbaReading = { kind: 'other' }

/** What a line says, as PostgreSQL reads it (parse_hba_line of hba.c; held against pg_hba_file_rules). */
export function readHbaLine({ fields, openQuote }: HbaLine): HbaReading {
  if (openQuote !== undefined) return wrong('a quote is not closed', openQuote)
  const [type] = fields
  if (type === undefined) return OTHER
  const [{ text: word }] = type
  if (INCLUDES.includes(word) && fields.length === 2) return { kind: 'include', word }
  const single = firstOf(type)
  if (single.fault !== undefined) return { kind: 'fault', fault: single.fault }
  if (word === 'local') return readLocal(fields)
  return HOST.includes(word)
    ? readHost(word, fields)
    : wrong(`"${word}" is not a record type of pg_hba.conf`, type[0].start)
}

function readLocal(fields: readonly HbaField[]): HbaReading {
  const [type, , , method, ...options] = fields
  if (type === undefined || method === undefined) return tooShort(type, 'TYPE DATABASE USER METHOD')
  const fault = methodFault('local', method, options)
  return fault === undefined ? OTHER : { kind: 'fault', fault }
}

function readHost(word: string, fields: readonly HbaField[]): HbaReading {
  const [type, , , address, ...rest] = fields
  if (type === undefined || address === undefined || rest.length === 0)
    return tooShort(type, 'TYPE DATABASE USER ADDRESS METHOD')
  const single = firstOf(address)
  if (single.fault !== undefined) return { kind: 'fault', fault: single.fault }
  const read = addressOf(single.token, rest[0])
  if ('fault' in read) return { kind: 'fault', fault: read }
  const [method, ...options] = read.hasMaskBeside ? rest.slice(1) : rest
  if (method === undefined) return tooShort(type, 'TYPE DATABASE USER ADDRESS MASK METHOD')
  const fault = methodFault(word, method, options)
  if (fault !== undefined) return { kind: 'fault', fault }
  if (read.range === undefined || method[0].text === 'reject') return OTHER
  return { kind: 'range', range: read.range }
}

interface Address {
  /** None: a name, or no further than this machine and its network. */
  readonly range?: HbaRange
  readonly hasMaskBeside: boolean
}

function addressOf(token: HbaToken, beside: HbaField | undefined): Address | HbaFault {
  const { text, quoted, start, end } = token
  if (!quoted && text === 'all') return { range: { start, end, family: 'all' }, hasMaskBeside: false }
  const [address = '', bits, ...more] = text.split('/')
  const family = familyOf(address)
  const noRange = { fault: `"${text}" is not a valid address range`, at: start }
  if (family === undefined) return isName(text) ? { hasMaskBeside: false } : noRange
  const most = family === 'v4' ? 32 : 128
  if (bits !== undefined) {
    if (more.length > 0 || !/^\d{1,3}$/u.test(bits) || Number(bits) > most) return noRange
    return rangeOf({ start, end, family }, address, Number(bits), false)
  }
  return beside === undefined ? { hasMaskBeside: true } : maskedAddress(token, beside, family)
}

/** An address whose mask is the next word. */
function maskedAddress({ text, start }: HbaToken, beside: HbaField, family: 'v4' | 'v6'): Address | HbaFault {
  const single = firstOf(beside)
  if (single.fault !== undefined) return single.fault
  const [mask] = beside
  // A method where the mask should be: one word is missing.
  if (METHODS.includes(mask.text)) return { hasMaskBeside: true }
  if (familyOf(mask.text) !== family) return { fault: `"${text} ${mask.text}" is not a valid address range`, at: start }
  return rangeOf({ start, end: mask.end, family }, text, leadingBits(mask.text, family), true)
}

function rangeOf(range: HbaRange, address: string, bits: number, hasMaskBeside: boolean): Address {
  const isLoopback =
    range.family === 'v4' ? /^127\./u.test(address) && bits >= 8 : LOOPBACK.test(address) && bits === 128
  return isLoopback ? { hasMaskBeside } : { range, hasMaskBeside }
}

const LOOPBACK = /^(?:::1|(?:0+:){7}0*1)$/u

/** How many bits at the beginning must be the same; bits behind a gap count for nothing. */
function leadingBits(mask: string, family: 'v4' | 'v6'): number {
  if (family === 'v6') return /^(?:ffff:){7}ffff$/iu.test(mask) ? 128 : 0
  const bits = mask.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  return /^1*/u.exec(bits.join(''))?.[0].length ?? 0
}

function methodFault(type: string, method: HbaField, options: readonly HbaField[]): HbaFault | undefined {
  const single = firstOf(method)
  if (single.fault !== undefined) return single.fault
  const { text, start } = single.token
  const fault = (why: string): HbaFault => ({ fault: why, at: start })
  if (!METHODS.includes(text)) return fault(`"${text}" is not an authentication method`)
  if (text === 'peer' && type !== 'local') return fault('"peer" is for local records alone')
  if (text === 'gss' && type === 'local') return fault('"gss" is not for local records')
  if (text === 'cert' && type !== 'hostssl') return fault('"cert" is for hostssl records alone')
  const bare = options.flat().find((option) => !option.text.includes('='))
  return bare === undefined ? undefined : { fault: `"${bare.text}" is not an option (NAME=VALUE)`, at: bare.start }
}

/** The one word of a field that takes no list, and that no other file gives. */
function firstOf([token, second]: HbaField): { readonly token: HbaToken; readonly fault?: HbaFault } {
  if (second !== undefined)
    return { token, fault: { fault: `"${token.text},${second.text}" is a list where one is meant`, at: token.start } }
  if (token.quoted || !/^@./u.test(token.text)) return { token }
  return {
    token,
    fault: { fault: `"${token.text}" names another file, and what it holds is not known here`, at: token.start },
  }
}

function tooShort(type: HbaField | undefined, form: string): HbaReading {
  return wrong(`a "${type?.[0].text ?? ''}" record needs ${form}`, type?.[0].start ?? 0)
}

function wrong(fault: string, at: number): HbaReading {
  return { kind: 'fault', fault: { fault, at } }
}

function familyOf(text: string): 'v4' | 'v6' | undefined {
  return isV4(text) ? 'v4' : isV6(text) ? 'v6' : undefined
}

/** A leading zero makes another number of it (inet_aton reads octal). */
function isV4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) <= 255)
}

function isV6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-f:.]+$/iu.test(text) || text.split('::').length > 2) return false
  if (/(?:^:[^:])|(?:[^:]:$)/u.test(text)) return false
  const groups = text.split(':').filter((group) => group !== '')
  // An IPv4 address may stand at the end, in place of two groups.
  const count = groups.length + (isV4(groups.at(-1) ?? '') ? 1 : 0)
  const fits = text.includes('::') ? count <= 7 : count === 8
  return (
    fits && groups.every((group, at) => /^[0-9a-f]{1,4}$/iu.test(group) || (at === groups.length - 1 && isV4(group)))
  )
}

/** A host name, a `.domain`, samehost, samenet. What begins with digits alone is a mistaken address, or one of few numbers. */
function isName(text: string): boolean {
  return /^\.?[a-z0-9_]([a-z0-9_.-]*)$/iu.test(text) && !/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d*))*$/iu.test(text)
}
