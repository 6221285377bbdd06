import { isMap, type PlainMap } from '../config/path.ts'
import type { KindRef } from '../kube.ts'
import { isBuiltIn } from '../prediction/three-way.ts'
import { isEmpty } from './field-path.ts'

const NAME = String.raw`\.(?:'[^']*'|[\w-]+)$`
/** Maps whose names are anybody's: an empty text is a value like any other there (metav1 and core/v1, `map[string]string`). */
const FREE = new RegExp(String.raw`(?:^|[.\]])(?:labels|annotations|nodeSelector|matchLabels)${NAME}`, 'u')
const FREE_OF_KIND: Readonly<Record<string, RegExp>> = {
  ConfigMap: new RegExp(`^(?:data|binaryData)${NAME}`, 'u'),
  Secret: new RegExp(`^data${NAME}`, 'u'),
  StorageClass: new RegExp(`^parameters${NAME}`, 'u'),
  Service: new RegExp(`^spec\\.selector${NAME}`, 'u'),
}

/**
 * Whether the API server stores an empty value there as it was written. Elsewhere in Kubernetes' own types it is left out, or stands
 * for the default; a custom resource is stored as it comes.
 */
export function keepsEmpty(path: string, of: KindRef): boolean {
  if (FREE.test(path)) return true
  return isBuiltIn(of) ? FREE_OF_KIND[of.kind]?.test(path) === true : path.startsWith('spec.')
}

/** Two values that both say nothing, where nobody could tell one from the other. */
export function isNothing(one: unknown, other: unknown, path: string, of: KindRef): boolean {
  if (!isEmpty(one) || !isEmpty(other)) return false
  // null in a map of texts is stored as an empty one by helm 3, and left out by helm 4.
  if (one === null || other === null) return true
  return (one === undefined) === (other === undefined) || !keepsEmpty(path, of)
}

/** A map that holds something, if only something empty. */
export function isFilled(value: unknown): value is PlainMap {
  return isMap(value) && Object.keys(value).length > 0
}
