import { groupOf, type KindRef } from '../kube.ts'
import { isBuiltIn } from '../prediction/three-way.ts'
import { parseQuantity } from '../quantity.ts'

/** Equal as the API server sees it: a number written as text, and one quantity in two units, are the same value. */
export function sameValue(one: unknown, other: unknown, path: string, of: KindRef): boolean {
  if (one === other) return true
  if (isScalar(one) && isScalar(other)) {
    if (String(one) === String(other)) return true
    if (!isQuantity(path, of)) return false
    const [left, right] = [parseQuantity(String(one)), parseQuantity(String(other))]
    return left !== undefined && left === right
  }
  return JSON.stringify(one) === JSON.stringify(other)
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

const NAME = String.raw`\.(?:'[^']*'|[\w-]+)$`
/** Where Kubernetes' own types say `resource.Quantity`, in whatever kind; a pod's labels may be called anything. */
const EVERYWHERE = [
  new RegExp(String.raw`(?:^|[.\]])resources\.(?:requests|limits)${NAME}`, 'u'),
  new RegExp(String.raw`\.spec\.overhead${NAME}`, 'u'),
  /\.(?:emptyDir\.sizeLimit|resourceFieldRef\.divisor)$/u,
]
/** And of one kind alone, from the root of the object. */
const OF_KIND: Readonly<Record<string, RegExp>> = {
  PersistentVolume: new RegExp(String.raw`^spec\.capacity${NAME}`, 'u'),
  ResourceQuota: new RegExp(String.raw`^spec\.hard${NAME}`, 'u'),
  LimitRange: new RegExp(
    String.raw`^spec\.limits\[[^\]]*\]\.(?:min|max|default|defaultRequest|maxLimitRequestRatio)${NAME}`,
    'u',
  ),
  HorizontalPodAutoscaler: /^spec\.metrics\[[^\]]*\]\.\w+\.target(?:\.value|\.averageValue)$/u,
  RuntimeClass: new RegExp(String.raw`^overhead\.podFixed${NAME}`, 'u'),
  CSIStorageCapacity: /^(?:capacity|maximumVolumeSize)$/u,
  Pod: new RegExp(String.raw`^spec\.overhead${NAME}`, 'u'),
}

/**
 * A custom resource is stored as it was written, whatever its fields mean to its operator: there `1000m` and `1` are two
 * texts, as in a ConfigMap.
 */
function isQuantity(path: string, of: KindRef): boolean {
  if (!isBuiltIn(of) || groupOf(of.apiVersion) === 'apiextensions.k8s.io') return false
  if (/^(?:metadata|data|stringData|binaryData|parameters)\b/u.test(path)) return false
  return EVERYWHERE.some((pattern) => pattern.test(path)) || OF_KIND[of.kind]?.test(path) === true
}
