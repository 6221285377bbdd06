import { gunzipSync, gzipSync } from 'node:zlib'
import { holderOf, LEASE_KIND } from '../../../src/domain/lease/lease.ts'
import type { Lease } from '../../../src/domain/lease/model.ts'
import { deployNumber, packedEntry } from '../../../src/domain/journal/record.ts'
import { nameOf, type KubeObject } from '../../../src/domain/kube.ts'
import type { Codec } from '../../../src/ports.ts'

/** As forge packs, at once: no thread but the test's own has a say in the order of things. */
export const codecAtOnce: Codec = {
  pack: (text) => Promise.resolve(gzipSync(text).toString('base64')),
  unpack: (packed) => Promise.resolve(unpacked(packed)),
}

/** What a write is about, in words that a test can compare. Undefined: it only says that the holder of the lock lives. */
export function effectName(verb: string, object: KubeObject, live: KubeObject | undefined): string | undefined {
  if (object.kind === LEASE_KIND.kind) return leaseWrite(object, live)
  const number = deployNumber(object)
  if (number !== undefined && verb !== 'delete') return `journal #${number}: ${standing(object)}`
  const isThere = verb === 'create' && live !== undefined ? ', which exists' : ''
  return `${verb} ${nameOf(object)}${isThere}`
}

function leaseWrite(object: Lease, live: Lease | undefined): string | undefined {
  // It comes too late, and writes nothing.
  if (live?.metadata.resourceVersion !== object.metadata.resourceVersion) return undefined
  const [now, before] = [holderOf(object), holderOf(live)]
  if (now === undefined) return 'lock: released'
  if (object.spec?.leaseTransitions !== live?.spec?.leaseTransitions) return 'lock: taken'
  return now.deploy === before?.deploy ? undefined : `lock: deploy ${now.deploy ?? '?'}`
}

export interface StoredEntry {
  readonly number: number
  readonly state: string
  readonly steps: readonly { readonly op: string; readonly release?: string; readonly outcome: string }[]
  readonly releases: readonly { readonly name: string; readonly revisionAfter?: number; readonly left?: unknown }[]
  readonly verdict?: { readonly code: string; readonly message: string }
}

export function entryIn(record: KubeObject): StoredEntry {
  return JSON.parse(unpacked(packedEntry(record) ?? '')) as StoredEntry
}

function standing(record: KubeObject): string {
  const { state, steps } = entryIn(record)
  const last = steps.at(-1)
  const step =
    last === undefined
      ? ''
      : ` (${[last.op, ...(last.release === undefined ? [] : [last.release]), last.outcome].join(' ')})`
  return `${state}${step}`
}

function unpacked(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')
}
