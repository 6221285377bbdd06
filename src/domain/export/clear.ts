import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'

/** Whether it is a Secret that holds something. */
export function dataOfSecret(object: KubeObject): boolean {
  const holds = (value: unknown): boolean => isMap(value) && Object.keys(value).length > 0
  return (
    object.kind === 'Secret' && object.apiVersion === 'v1' && (holds(object['data']) || holds(object['stringData']))
  )
}
