import { Unreadable } from './unreadable.ts'

/** YAML's own tags, by their short names; the parser hands tags over as they are written. */
const LONG = 'tag:yaml.org,2002:'

const WORDS = new Map<string, boolean | null>([
  ...['y', 'yes', 'true', 'on'].flatMap((word) => spellings(word, true)),
  ...['n', 'no', 'false', 'off'].flatMap((word) => spellings(word, false)),
  ...['', '~', ...['null'].flatMap((word) => spellings(word, null).map(([text]) => text))].map(
    (text): [string, null] => [text, null],
  ),
])

const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/u
/** Written so, JSON cannot say them: helm fails on them where it makes JSON. */
const ENDLESS = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/u
const BASES: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 }
const MOST = 2n ** 64n
const LEAST = -(2n ** 63n)

/** `!!int`, `!int`, `!<tag:yaml.org,2002:int>`: the short name of one of YAML's own tags, else undefined. */
export function ownTag(written: string): string | undefined {
  if (written.startsWith('!!')) return written.slice(2)
  const verbatim = /^!<(.*)>$/u.exec(written)?.[1]
  return verbatim?.startsWith(LONG) === true ? verbatim.slice(LONG.length) : undefined
}

/**
 * A plain scalar as helm types it (sigs.k8s.io/yaml over go.yaml.in/yaml/v2, resolve.go): YAML 1.1 with `yes` and octal
 * `0644`, the numbers of YAML 1.2, no dates and no base 60. Throws for what JSON cannot say.
 */
export function typedScalar(text: string): string | number | boolean | null {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  const isNumeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e
  if (!isNumeric) return text
  if (ENDLESS.test(text)) throw new Unreadable(`${text} is not a number that JSON can hold`)
  return (text.startsWith('.') ? decimal(text) : number(text.replaceAll('_', ''))) ?? text
}

/** With a tag of YAML's own: the value must be of that kind. Other tags make a text of any scalar. */
export function taggedScalar(written: string, text: string): string | number | boolean | null {
  const tag = ownTag(written)
  if (tag === 'binary') return fromBase64(text)
  if (tag === undefined || !['bool', 'int', 'float', 'null'].includes(tag)) return text
  const value = typedScalar(text)
  const fits = { bool: 'boolean', int: 'number', float: 'number', null: 'object' }[tag]
  if (typeof value !== fits || (tag === 'int' && !Number.isInteger(value)))
    throw new Unreadable(`cannot read ${text} as ${tag}`)
  return value
}

function spellings(word: string, value: boolean | null): [string, boolean | null][] {
  const all = [word, word.toUpperCase(), `${word.charAt(0).toUpperCase()}${word.slice(1)}`]
  return all.map((text) => [text, value])
}

function number(plain: string): number | undefined {
  return whole(plain) ?? decimal(plain)
}

/** strconv.ParseInt and ParseUint with base 0. */
function whole(plain: string): number | undefined {
  const [, sign = '', prefix, digits = ''] = /^([-+]?)(?:0([xXoObB]?))?([\da-fA-F]*)$/u.exec(plain) ?? []
  if (prefix === undefined) return /^[-+]?[1-9]\d*$/u.test(plain) ? within(BigInt(plain.replace('+', ''))) : undefined
  const base = prefix === '' ? 8 : (BASES[prefix.toLowerCase()] ?? 10)
  if (digits === '') return prefix === '' ? 0 : undefined
  const allowed = { 16: /^[\da-fA-F]+$/u, 8: /^[0-7]+$/u, 2: /^[01]+$/u }[base]
  if (allowed?.test(digits) !== true) return undefined
  const value = BigInt(`0${{ 16: 'x', 8: 'o', 2: 'b' }[base] ?? ''}${digits}`)
  return within(sign === '-' ? -value : value)
}

function within(value: bigint): number | undefined {
  return value >= LEAST && value < MOST ? Number(value) : undefined
}

function decimal(plain: string): number | undefined {
  const value = FLOAT.test(plain) ? Number(plain) : Number.NaN
  return Number.isFinite(value) ? value + 0 : undefined
}

/** helm takes the bytes for a text. */
function fromBase64(text: string): string {
  const packed = text.replaceAll(/[\r\n]/gu, '')
  if (packed.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/u.test(packed))
    throw new Unreadable('the value of !!binary is not valid base64')
  return new TextDecoder().decode(Uint8Array.from(atob(packed), (character) => character.charCodeAt(0)))
}
