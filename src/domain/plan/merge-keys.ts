/**
 * The fields that identify an item of a list, by the list's own field name: the patch merge keys of the Kubernetes API
 * (`patchMergeKey` and `x-kubernetes-list-map-keys` in its OpenAPI description). Lists that are not named here are
 * atomic: they are compared as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  webhooks: ['name'],
  // Whole objects, told apart as such; the API server takes the list as one, so this is for people alone.
  volumeClaimTemplates: ['metadata.name'],
}

/** Both kinds of `ports` lists: a container's and a Service's. */
const PORT_KEYS = [
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
] as const

type Item = Readonly<Record<string, unknown>>

/** The identity of each item, or undefined for an atomic list (or one whose items lack their key). */
export function itemKeys(field: string, items: readonly unknown[]): string[] | undefined {
  const keys = field === 'ports' ? portKeys(items) : MERGE_KEYS[field]
  if (keys === undefined) return undefined
  const names = items.map((item) => keyOfItem(item, keys))
  return names.every((name) => name !== undefined) && new Set(names).size === names.length ? names : undefined
}

function portKeys(items: readonly unknown[]): readonly string[] | undefined {
  return PORT_KEYS.find(([first]) => items.every((item) => isItem(item) && item[first] !== undefined))
}

function keyOfItem(item: unknown, keys: readonly string[]): string | undefined {
  if (!isItem(item)) return undefined
  const [first, ...rest] = keys.map((key) => (key === 'protocol' ? (item[key] ?? 'TCP') : valueOf(item, key)))
  if (first === undefined) return undefined
  // TCP is the default and goes without saying, in messages too.
  return [first, ...rest.filter((part) => part !== undefined && part !== 'TCP')]
    .map((part) => JSON.stringify(part).replaceAll('"', ''))
    .join('/')
}

function valueOf(item: Item, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => (isItem(value) ? value[part] : undefined), item)
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
