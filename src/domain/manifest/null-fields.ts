import { isMap } from '../config/path.ts'
import { groupOf, type KubeObject } from '../kube.ts'

/** Maps from name to text or amount: there null is an empty value (encoding/json), not a field that is not stated. */
const NAMED = new Set([
  ...['annotations', 'binaryData', 'data', 'labels', 'matchLabels', 'nodeSelector', 'parameters', 'stringData'],
  ...['capacity', 'hard', 'limits', 'requests'],
])

/** Of Kubernetes' own kinds, where a field of null (`env:` with nothing below) is one that is not there. */
export function withoutNullFields(object: KubeObject): KubeObject {
  const group = groupOf(object.apiVersion)
  const isOwn = !group.includes('.') || (group.endsWith('.k8s.io') && group !== 'apiextensions.k8s.io')
  return isOwn ? (without(object) as KubeObject) : object
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(without)
  if (!isMap(value)) return value
  const fields = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(fields.map(([name, inner]) => [name, NAMED.has(name) ? inner : without(inner)]))
}
