import { createHmac, randomBytes } from 'node:crypto'
import type { Keyed } from '../domain/rehearsal/scramble.ts'

const KEY_BYTES = 32
const COUNTER_BYTES = 4

export function newKey(): Uint8Array {
  return randomBytes(KEY_BYTES)
}

/**
 * Bytes for made-up values: HMAC-SHA-256 under a key that is this run's and is kept nowhere (HKDF-Expand, RFC 5869, with the value
 * as what is expanded), as many as are asked for.
 */
export function rehearsalKey(key: Uint8Array = newKey()): Keyed {
  return (value, count) => {
    const seed = createHmac('sha256', key).update(value).digest()
    const blocks: Buffer[] = []
    for (let got = 0, block = 0; got < count; block += 1) {
      const counter = Buffer.alloc(COUNTER_BYTES)
      counter.writeUInt32BE(block)
      const made = createHmac('sha256', seed).update(counter).digest()
      blocks.push(made)
      got += made.length
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, count))
  }
}
