import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Codec } from '../../ports.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)
/** What an entry may unpack to: a Secret holds 1 MiB, and somebody else may have written it. */
const MOST = 64 * 1024 * 1024

/** Text as base64 of its gzip. */
export const gzipCodec: Codec = {
  async pack(text) {
    return (await pack(text)).toString('base64')
  },
  async unpack(packed) {
    return (await unpack(Buffer.from(packed, 'base64'), { maxOutputLength: MOST })).toString('utf8')
  },
}
