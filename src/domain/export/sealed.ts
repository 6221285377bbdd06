import type { KubeObject } from '../kube.ts'
import type { ResolvedSecret } from '../secrets/model.ts'
import { toBase64 } from '../secrets/plan.ts'

/** Keys of which only the cluster has the value. */
export function keptKeys({ keys }: ResolvedSecret): string[] {
  return [...keys].flatMap(([key, content]) => ('keep' in content && !content.optional ? [key] : []))
}

/** In the clear: only to be encrypted. */
export function secretObject({ spec, keys }: ResolvedSecret, namespace: string): KubeObject {
  const data = [...keys].flatMap(([key, content]) =>
    'bytes' in content ? [[key, toBase64(content.bytes)] as const] : [],
  )
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: spec.name, namespace },
    type: spec.type,
    data: Object.fromEntries(data),
  }
}
