import { nameOf, type KubeObject } from '../kube.ts'
import { references } from './references.ts'

/** A Secret that a rendered pod needs; `keys` undefined: all of them (a whole volume, envFrom). */
export interface SecretReference {
  readonly secret: string
  /** Where the pod is, and so the Secret. */
  readonly namespace: string | undefined
  readonly keys: readonly string[] | undefined
  readonly by: string
}

/** Every Secret key without which a pod of this object cannot start; optional references are left out. */
export function secretReferences(object: KubeObject): SecretReference[] {
  return references(object).flatMap(({ kind, name, optional, needs }) =>
    kind === 'Secret' && !optional
      ? [{ secret: name, namespace: object.metadata.namespace, keys: needs, by: nameOf(object) }]
      : [],
  )
}
