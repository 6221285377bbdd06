import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, ObjectMeta } from '../../domain/kube.ts'

/** Enough of an object to say later that it is gone, to see in a second list whether it changed, and to keep no part twice. */
export interface Known {
  readonly name: string
  readonly namespace: string | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  readonly spec: unknown
}

export function known({ metadata: { name, namespace, uid, resourceVersion }, spec }: KubeObject): Known {
  return { name, namespace, uid, resourceVersion, spec }
}

/**
 * An object as it is passed on. Each of its states comes whole, but mostly only its status has changed: the spec is that of
 * the state before where both are equal, so that hundreds of pods that start do not fill the memory with copies. Who wrote
 * which field (`managedFields`, a third of the bytes) is left out: nothing that waits reads it.
 */
export function slim(object: KubeObject, before: Known | undefined): KubeObject {
  const { managedFields: _bookkeeping, ...metadata }: ObjectMeta = object.metadata
  const isSame = before !== undefined && isDeepStrictEqual(before.spec, object['spec'])
  return { ...object, metadata, ...(isSame && before.spec !== undefined ? { spec: before.spec } : {}) }
}

export function placeOf({ namespace = '', name }: ObjectMeta): string {
  return `${namespace}/${name}`
}
