import type { KubeObject } from '../kube.ts'
import { references } from './references.ts'

/** A ConfigMap that a pod reads; `keys` undefined: all of them. `optional`: it starts without it. */
export interface ConfigReference {
  readonly name: string
  readonly keys: readonly string[] | undefined
  readonly optional: boolean
}

/** Every ConfigMap key that the pods of an object are made from. */
export function configReferences(object: KubeObject): ConfigReference[] {
  return references(object).flatMap(({ kind, name, uses, optional }) =>
    kind === 'ConfigMap' ? [{ name, keys: uses, optional }] : [],
  )
}
