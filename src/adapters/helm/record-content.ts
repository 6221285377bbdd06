import { gunzipSync, gzipSync } from 'node:zlib'
import { isMap, type PlainMap } from '../../domain/config/path.ts'

/** What helm keeps of a revision, as far as forge looks inside. */
export interface RecordContent {
  readonly info?: { readonly status?: string; readonly description?: string; readonly first_deployed?: string }
  readonly chart?: {
    readonly metadata?: { readonly name?: string; readonly version?: string; readonly appVersion?: string }
  }
  readonly config?: Readonly<Record<string, unknown>>
  readonly manifest?: string
  readonly hooks?: readonly {
    readonly name?: string
    readonly kind?: string
    readonly manifest?: string
    readonly events?: readonly string[]
  }[]
  readonly apply_method?: string
  readonly fault?: string
}

/** What a record may unpack to: packed it has 1 MiB at most, and somebody else may have written it. */
const MOST = 64 * 1024 * 1024
const TOO_LARGE = 'it unpacks to more than 64 MiB'

/** What somebody has stored is no record. */
class Garbled extends Error {}

/** From the value that the record's Secret has under `release`. Never throws: what cannot be read has a fault. */
export function readRecord(packed: string): RecordContent {
  try {
    return unpack(packed)
  } catch (error) {
    if (!(error instanceof Garbled)) throw error
    return { fault: error.message }
  }
}

/** A Secret's value is base64, and helm stores base64 in it; very old records are not compressed. */
function unpack(value: string): RecordContent {
  const inner = Buffer.from(Buffer.from(value, 'base64').toString('latin1'), 'base64')
  const isGzip = inner[0] === 0x1f && inner[1] === 0x8b
  const content = parsed((isGzip ? unzipped(inner) : inner).toString('utf8'))
  if (!isRecord(content)) throw new Garbled('it is not the record of a release')
  return content
}

/** What forge reads of it is of the kind that helm writes, or not there: helm leaves out what is empty. */
function isRecord(content: unknown): content is RecordContent {
  if (!isMap(content)) return false
  const { info = {}, chart = {}, hooks = [], config = {}, manifest = '', apply_method: method = '' } = nullsOut(content)
  const metadata = isMap(chart) ? (chart['metadata'] ?? {}) : undefined
  const texts = [manifest, method, ...valuesOf(info, ['description', 'first_deployed'])]
  return (
    isMap(config) &&
    [...texts, ...valuesOf(metadata, ['name', 'version', 'appVersion'])].every((one) => typeof one === 'string') &&
    Array.isArray(hooks) &&
    hooks.every((hook) => isHook(hook))
  )
}

function isHook(hook: unknown): boolean {
  const { events = [] } = isMap(hook) ? nullsOut(hook) : {}
  const isListed = Array.isArray(events) && events.every((one) => typeof one === 'string')
  return isListed && valuesOf(hook, ['name', 'kind', 'manifest']).every((one) => typeof one === 'string')
}

/** Those that are there; one value that is no text, where there should be a map of them. */
function valuesOf(map: unknown, names: readonly string[]): unknown[] {
  if (!isMap(map)) return [undefined]
  return names.flatMap((name) => map[name] ?? [])
}

/** Go writes null for a list or map that was never made. */
function nullsOut(map: PlainMap): PlainMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null))
}

function unzipped(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: MOST })
  } catch (error) {
    throw new Garbled((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : 'it is not gzip', {
      cause: error,
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Garbled('it is no JSON', { cause: error })
  }
}

/** As helm packs it, and as a Secret holds it. */
export function packRecord(content: RecordContent): string {
  const packed = gzipSync(JSON.stringify(content), { level: 9 }).toString('base64')
  return Buffer.from(packed).toString('base64')
}
