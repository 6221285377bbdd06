/** As many bytes as are asked for, the same every time for the same value, which nobody can tell without the run's key. */
export type Keyed = (value: Uint8Array, count: number) => Uint8Array

/** Of each kind of sign those that may stand for one of it; they take as much room in UTF-8 and in UTF-16. */
const SMALL = 'abcdefghijklmnopqrstuvwxyz'
const HEX = 'abcdef'
const DIGITS = '0123456789'
/** Signs that no quotes, shell, URL or document reads as anything but themselves where they are a value of their own. */
const SIGNS = '!*+-./=?^_~'
const HEXADECIMAL = /^(?=.*\d)(?=.*[a-f])[\da-f-]{8,}$/iu
const BYTES_PER_SIGN = 2

export interface Scrambling {
  readonly keyed: Keyed
  /** Of several tries for one value. */
  readonly round: number
}

/** Letters for letters (capital for capital), digits for digits, all else as it is; hexadecimal stays hexadecimal. */
export function scrambled(text: string, { keyed, round }: Scrambling, withSigns = false): string {
  const characters = Array.from(text)
  const bytes = stream(Buffer.from(text), characters.length * BYTES_PER_SIGN, { keyed, round })
  const isHex = HEXADECIMAL.test(text)
  return characters
    .map((one, at) => {
      const random = ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)
      return standIn(one, random, { isHex, withSigns, isFirst: at === 0 })
    })
    .join('')
}

/** Bytes that are no text have no shape but their number. */
export function scrambledBytes(value: Uint8Array, scrambling: Scrambling): Uint8Array {
  return stream(value, value.length, scrambling)
}

function stream(value: Uint8Array, count: number, { keyed, round }: Scrambling): Uint8Array {
  return keyed(round === 0 ? value : Buffer.concat([value, Buffer.from([0, round])]), count)
}

interface Manner {
  readonly isHex: boolean
  readonly withSigns: boolean
  readonly isFirst: boolean
}

function standIn(one: string, random: number, { isHex, withSigns, isFirst }: Manner): string {
  const code = one.codePointAt(0) ?? 0
  if (code < 0x80) {
    if (/\d/u.test(one)) return isFirst && one !== '0' ? picked('123456789', random) : picked(DIGITS, random)
    if (/[a-z]/u.test(one)) return picked(isHex ? HEX : SMALL, random)
    if (/[A-Z]/u.test(one)) return picked(isHex ? HEX : SMALL, random).toUpperCase()
    return withSigns && /[!-~]/u.test(one) ? picked(SIGNS, random) : one
  }
  return /\p{L}/u.test(one) ? letterBeyond(one, code, random) : one
}

function letterBeyond(one: string, code: number, random: number): string {
  // Capital and small letters of Latin-1, without the signs of multiplication and division; ideographs beyond.
  if (code < 0x800) return String.fromCodePoint((/\p{Lu}/u.test(one) ? 0xc0 : 0xe0) + (random % 23))
  return String.fromCodePoint((code < 0x10000 ? 0x4e00 : 0x20000) + (random % 0x4000))
}

function picked(from: string, random: number): string {
  return from[random % from.length] ?? ''
}
