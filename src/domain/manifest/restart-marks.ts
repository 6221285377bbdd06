import { canonical, digestOf } from '../canonical.ts'
import type { KubeObject } from '../kube.ts'
import { join, stepsOf } from '../plan/field-path.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { consumed, type Reference } from './references.ts'
import { workloadIs } from '../workload-kinds.ts'

const PREFIX = 'forge.api-forge.io/'
export const ANNOTATIONS = 'spec.template.metadata.annotations'
/** Kubernetes' limit of the part after the slash. */
const LONGEST = 63
/** Of the cluster itself: made in every namespace a moment after it, and renewed where it is mounted. */
const ROOT_CA = 'kube-root-ca.crt'
/** In front of what a keyed hash gave, so that it is told apart from a revision's number. */
const KEYED = 'h-'

/** What a ConfigMap or Secret holds, as far as its consumers must be told apart by it. */
export type Contents =
  /** A Secret of forge.yaml: key → revision in which it last changed. */
  | { readonly kind: 'revisions'; readonly keys: Readonly<Record<string, number>> }
  /** Of a ConfigMap: no secret. */
  | { readonly kind: 'data'; readonly keys: Readonly<Record<string, string>> }
  /** Of a Secret that is not forge's: only a keyed hash of it may be seen. */
  | { readonly kind: 'secret'; readonly keys: Readonly<Record<string, string>>; readonly hashKey: Uint8Array }
  /** It may not be read: what the last deploy wrote stays. */
  | { readonly kind: 'unknown' }

/** A workload that replaces its pods when their template changes. */
export function restartsPods({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return workloadIs(kind, 'isRolledOut')
}

/** A workload whose pod template forge completes: one that consumes something and says nothing about it itself. */
export function needsMarks(object: KubeObject): boolean {
  if (!restartsPods(object)) return false
  const own = Object.keys(annotationsOf(object))
  return (
    !own.some((name) => /^forge\.api-forge\.io\/(?:configmap|secret)-/u.test(name)) && consumedBy(object).length > 0
  )
}

/**
 * The annotations that restart a workload's pods when, and only when, something that they consume has changed: one for
 * each ConfigMap and Secret. `before`: the same workload as it was last deployed.
 */
export async function restartMarks(
  object: KubeObject,
  before: KubeObject | undefined,
  contentsOf: (reference: Pick<Reference, 'kind' | 'name'>) => Contents,
): Promise<KeptValue[]> {
  const marks = await Promise.all(
    consumedBy(object).map(async ({ kind, name, uses }): Promise<KeptValue[]> => {
      const annotation = markOf({ kind, name })
      const value = (await markValue(contentsOf({ kind, name }), uses)) ?? annotationsOf(before)[annotation]
      return value === undefined ? [] : [{ path: markPath(annotation), value }]
    }),
  )
  return marks.flat()
}

/** Where a mark stands in a workload. */
export function markPath(annotation: string): string {
  return join(ANNOTATIONS, annotation)
}

function consumedBy(object: KubeObject): ReturnType<typeof consumed> {
  return consumed(object).filter(({ name }) => name !== ROOT_CA)
}

/** The annotation that stands there. */
export function markAt(path: string): string {
  const last = stepsOf(path).at(-1)
  return last?.kind === 'name' ? last.name : ''
}

/** The annotation for one ConfigMap or Secret; a long name is cut and told apart by a hash. */
export function markOf({ kind, name }: { readonly kind: Reference['kind'] | 'Vault'; readonly name: string }): string {
  const full = `${kind.toLowerCase()}-${name}`
  return PREFIX + (full.length <= LONGEST ? full : `${full.slice(0, LONGEST - 9)}-${shortHash(full)}`)
}

async function markValue(contents: Contents, uses: readonly string[] | undefined): Promise<string | undefined> {
  switch (contents.kind) {
    case 'revisions':
      return String(Math.max(0, ...Object.values(usedOf(contents.keys, uses))))
    case 'data':
      return (await digestOf(canonical(usedOf(contents.keys, uses)))).slice(0, 16)
    case 'secret':
      return KEYED + (await keyedHash(contents.hashKey, canonical(usedOf(contents.keys, uses)))).slice(0, 16)
    case 'unknown':
      return undefined
  }
}

function usedOf<V>(keys: Readonly<Record<string, V>>, uses: readonly string[] | undefined): Record<string, V> {
  return Object.fromEntries(Object.entries(keys).filter(([key]) => uses?.includes(key) ?? true))
}

async function keyedHash(key: Uint8Array, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, ['sign'])
  const bytes = await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function annotationsOf(object: KubeObject | undefined): Readonly<Record<string, string>> {
  const { template } = (object?.['spec'] ?? {}) as {
    template?: { metadata?: { annotations?: Readonly<Record<string, string>> | null } }
  }
  return template?.metadata?.annotations ?? {}
}

/** FNV-1a, 32 bits: tells names apart, keeps nothing secret. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
