import { isMap } from '../config/path.ts'
import { groupOf, type KindRef, type KubeObject } from '../kube.ts'

export interface Patch {
  readonly contentType: 'application/strategic-merge-patch+json' | 'application/merge-patch+json'
  readonly body: Record<string, unknown>
}

/**
 * The patch with the effect of helm 3's merge (helm.sh/helm/v3/pkg/kube). For kinds of client-go's scheme it is strategic, of
 * three ways: it sends all of `desired`, whose unchanged fields change nothing, and deletes what `previous` had and
 * `desired` has not; what the cluster alone has stays. The server merges lists by its own keys; a list without key is
 * replaced as a whole. For all others, CRDs included, it is what `desired` has otherwise than `previous`, whatever is live.
 */
export function threeWayPatch(desired: KubeObject, previous: KubeObject | undefined, live: KubeObject): Patch {
  const before = previous ?? desired
  if (!isBuiltIn(desired)) return { contentType: 'application/merge-patch+json', body: mergeMaps(before, desired) }
  return {
    contentType: 'application/strategic-merge-patch+json',
    body: strategicMaps(before, desired, live, desired.kind),
  }
}

/** Groups of client-go's scheme: without a dot, or one of these. CRDs may use other groups under k8s.io. */
const BUILT_IN_GROUPS = new Set(
  [
    'admissionregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
  ]
    .concat([
      'internal.apiserver',
      'networking',
      'node',
      'rbac.authorization',
      'resource',
      'scheduling',
      'storage',
      'storagemigration',
    ])
    .map((name) => `${name}.k8s.io`),
)

export function isBuiltIn({ apiVersion }: KindRef): boolean {
  const group = groupOf(apiVersion)
  return !group.includes('.') || BUILT_IN_GROUPS.has(group)
}

type Json = Readonly<Record<string, unknown>>

function mergeMaps(before: Json, desired: Json): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...deletions(before, desired) }
  for (const [key, value] of Object.entries(desired)) {
    const old = before[key]
    if (isMap(value) && isMap(old)) Object.assign(patch, nested(key, mergeMaps(old, value)))
    else if (JSON.stringify(value) !== JSON.stringify(old)) patch[key] = value
  }
  return patch
}

function nested(key: string, patch: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(patch).length === 0 ? {} : { [key]: patch }
}

/** `patchMergeKey` of the API types (https://kubernetes.io/docs/reference/kubernetes-api/); `ports` depends on its owner. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  ...{ containers: 'name', initContainers: 'name', ephemeralContainers: 'name', env: 'name', volumes: 'name' },
  ...{ volumeMounts: 'mountPath', volumeDevices: 'devicePath', imagePullSecrets: 'name', secrets: 'name' },
  ...{ hostAliases: 'ip', topologySpreadConstraints: 'topologyKey', schedulingGates: 'name', resourceClaims: 'name' },
  ...{ ownerReferences: 'uid', webhooks: 'name', conditions: 'type' },
}

/** Maps whose unnamed keys are dropped when they change (patchStrategy retainKeys): the strategy, a volume's source. */
const RETAIN_KEYS = new Set(['strategy', 'volumes'])

function mergeKeyOf(field: string, owner: string): string | undefined {
  if (owner === 'ServiceAccount' && field === 'imagePullSecrets') return undefined
  if (field === 'ports')
    return owner === 'containers' || owner === 'initContainers'
      ? 'containerPort'
      : owner === 'spec'
        ? 'port'
        : undefined
  return MERGE_KEYS[field]
}

function strategicMaps(before: Json, desired: Json, live: Json, owner: string): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...deletions(before, desired) }
  for (const [key, value] of Object.entries(desired)) {
    const [old, now] = [before[key], live[key]]
    if (isMap(value))
      patch[key] = retaining(key, strategicMaps(isMap(old) ? old : {}, value, isMap(now) ? now : {}, key), value, now)
    else if (Array.isArray(value)) Object.assign(patch, strategicList(key, owner, value, old, now))
    else patch[key] = value
  }
  return patch
}

function strategicList(
  field: string,
  owner: string,
  desired: readonly unknown[],
  before: unknown,
  live: unknown,
): Record<string, unknown> {
  const old: readonly unknown[] = Array.isArray(before) ? before : []
  if (field === 'finalizers')
    return { finalizers: desired, '$deleteFromPrimitiveList/finalizers': old.filter((item) => !desired.includes(item)) }
  const mergeKey = mergeKeyOf(field, owner)
  if (mergeKey === undefined || !desired.every(isMap)) return { [field]: desired }
  // The server would merge both into the first of one number: `isAmbiguousPorts` tells where that matters.
  if ([desired, before, live].some((list) => holdsTwice(list, mergeKey))) return {}
  const find = (list: unknown, key: unknown): Json =>
    (Array.isArray(list) ? list.filter(isMap).find((item) => item[mergeKey] === key) : undefined) ?? {}
  const items = desired.map((item) => {
    const now = find(live, item[mergeKey])
    return retaining(field, strategicMaps(find(old, item[mergeKey]), item, now, field), item, now)
  })
  const gone = old.filter(isMap).filter((item) => Object.keys(find(desired, item[mergeKey])).length === 0)
  return { [field]: [...items, ...gone.map((item) => ({ $patch: 'delete', [mergeKey]: item[mergeKey] }))] }
}

function holdsTwice(list: unknown, key: string): boolean {
  const keys = Array.isArray(list) ? list.filter(isMap).flatMap((item) => item[key] ?? []) : []
  return new Set(keys).size < keys.length
}

/**
 * A list of ports that holds one number twice (53 in TCP and UDP): a strategic merge tells its items apart by the number
 * alone and makes a wrong list of any change (kubernetes/kubernetes#39188; tried with helm 3.22).
 */
export function isAmbiguousPorts(list: unknown): boolean {
  return ['port', 'containerPort'].some((key) => holdsTwice(list, key))
}

/** Only where something changes: helm's diff of equal maps is empty, and then nothing is dropped. */
function retaining(
  field: string,
  patch: Record<string, unknown>,
  desired: Json,
  live: unknown,
): Record<string, unknown> {
  if (!RETAIN_KEYS.has(field) || contains(live, desired)) return patch
  return { ...patch, $retainKeys: Object.keys(desired) }
}

function deletions(before: Json, desired: Json): Record<string, null> {
  return Object.fromEntries(Object.keys(before).flatMap((key) => (key in desired ? [] : [[key, null]])))
}

function contains(live: unknown, desired: unknown): boolean {
  if (!isMap(desired)) return JSON.stringify(live) === JSON.stringify(desired)
  return isMap(live) && Object.entries(desired).every(([key, value]) => contains(live[key], value))
}
