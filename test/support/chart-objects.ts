import { kubectl, type LiveObject } from './cluster.ts'

/** Kinds of what charts render; what controllers make of it (pods, ReplicaSets, endpoints) is theirs. */
const NAMESPACED = [
  ...['configmaps', 'secrets', 'services', 'serviceaccounts', 'persistentvolumeclaims', 'deployments', 'statefulsets'],
  ...[
    'daemonsets',
    'jobs',
    'cronjobs',
    'ingresses',
    'networkpolicies',
    'poddisruptionbudgets',
    'roles',
    'rolebindings',
  ],
  ...['horizontalpodautoscalers'],
]
const CLUSTER = [
  ...['customresourcedefinitions', 'clusterroles', 'clusterrolebindings', 'priorityclasses', 'storageclasses'],
  ...['ingressclasses', 'validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'apiservices'],
  ...['validatingadmissionpolicies', 'namespaces'],
]

export interface ChartObject {
  readonly uid: string
  /** Its fields as text, by path. */
  readonly fields: ReadonlyMap<string, string>
}

/** By `Kind/name`, with the namespace of the release written as NAMESPACE. */
export type ChartObjects = ReadonlyMap<string, ChartObject>

export interface Where {
  readonly namespace: string
  readonly kinds: readonly string[]
  readonly namespaces: readonly string[]
}

/** All that a release has in the cluster, also what is cluster-wide and carries the name of its namespace. */
export async function chartObjects({ namespace, kinds, namespaces }: Where): Promise<ChartObjects> {
  const places = [namespace, ...namespaces]
  const found = await Promise.all([
    ...places.map(async (place) => await list(NAMESPACED, ['--namespace', place])),
    ...kinds.map(async (kind) => await list([kind], ['--namespace', namespace])),
    list(CLUSTER, []).then((all) => all.filter(({ metadata: { name } }) => named(name, namespace))),
    list(['rolebindings'], ['--namespace', 'kube-system']).then((all) =>
      all.filter(({ metadata: { name } }) => named(name, namespace)),
    ),
  ])
  return new Map(
    found.flat().flatMap((one) => {
      if (isOthers(one, namespace)) return []
      const key = `${one.kind}/${one.metadata.name}`.replaceAll(namespace, 'NAMESPACE')
      return [[key, { uid: one.metadata.uid, fields: fieldsOf(one, namespace) }]]
    }),
  )
}

/** Takes away what is cluster-wide: it has no namespace to go with. */
export async function removeClusterWide(namespace: string): Promise<void> {
  const all = [...(await list(CLUSTER, [])), ...(await list(['rolebindings'], ['--namespace', 'kube-system']))]
  for (const { kind, metadata } of all.filter(({ metadata: { name } }) => named(name, namespace)))
    await kubectl(['delete', kind, metadata.name, '--namespace', 'kube-system', '--ignore-not-found', '--wait=false'])
}

export interface Allowed {
  /** `Kind/name path` of what may have any value. */
  readonly random?: readonly string[] | undefined
  /** `Kind/name` of what is not compared. */
  readonly except?: readonly string[] | undefined
  /** They have to be the very same objects, by uid; what holds no state may have been made again. */
  readonly same?: boolean
}

/** Where two of them differ: a line each. */
export function differences(
  one: ChartObjects,
  other: ChartObjects,
  { random = [], except = [], same = false }: Allowed = {},
): string[] {
  const keys = new Set([...one.keys(), ...other.keys()])
  for (const key of except) keys.delete(key)
  return [...keys].sort().flatMap((key) => {
    const [mine, theirs] = [one.get(key), other.get(key)]
    if (mine === undefined) return [`${key} is not there`]
    if (theirs === undefined) return [`${key} should not be there`]
    const isAnother = same && !/^(?:Job|ConfigMap)\//u.test(key) && mine.uid !== theirs.uid
    const ignored = random.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
    return [
      ...(isAnother ? [`${key} was made again`] : []),
      ...fieldDifferences(mine.fields, theirs.fields, ignored).map((text) => `${key} ${text}`),
    ]
  })
}

function fieldDifferences(
  mine: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
  ignored: readonly string[],
): string[] {
  const paths = [...new Set([...mine.keys(), ...theirs.keys()])].sort()
  return paths.flatMap((path) => {
    const [is, should] = [mine.get(path), theirs.get(path)]
    const isIgnored = ignored.some((one) => path === one || path.startsWith(`${one}.`))
    if (is === should || (isIgnored && (is === undefined) === (should === undefined))) return []
    return [`${path}: ${short(is)} instead of ${short(should)}`]
  })
}

function short(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

async function list(kinds: readonly string[], where: readonly string[]): Promise<LiveObject[]> {
  const text = await kubectl(['get', kinds.join(','), ...where, '--output', 'json', '--ignore-not-found'])
  return text === '' ? [] : (JSON.parse(text) as { items: LiveObject[] }).items
}

/** A name in which the namespace stands as a word, not as the beginning of another one. */
function named(name: string, namespace: string): boolean {
  return new RegExp(`(?:^|[.-])${namespace}(?:$|[.-](?!helm))`, 'u').test(name)
}

/** What the cluster, helm and forge keep for themselves. */
function isOthers({ kind, metadata: { name }, ...rest }: LiveObject, namespace: string): boolean {
  if (kind === 'Namespace') return name === namespace
  if (name === 'kube-root-ca.crt' || (kind === 'ServiceAccount' && name === 'default')) return true
  return kind === 'Secret' && /^(?:helm\.sh|forge\.api-forge\.io)\//u.test(String(rest['type']))
}

/** Fields that are another's in each cluster, or of no matter: of the API server, of controllers, and forge's own marks. */
const OF_OTHERS: readonly RegExp[] = [
  /^metadata\.(?:uid|resourceVersion|generation|managedFields|creationTimestamp|selfLink)(?:\.|$)/u,
  /^status(?:\.|$)/u,
  /annotations\.deprecated\.daemonset\.template\.generation$/u,
  /annotations\.(?:deployment\.kubernetes\.io|forge\.api-forge\.io|pv\.kubernetes\.io|volume\.kubernetes\.io)\//u,
  /labels\.forge\.api-forge\.io\//u,
  /^Service spec\.(?:clusterIPs?|healthCheckNodePort)(?:\.|$)/u,
  /^Service spec\.ports\.\d+\.nodePort$/u,
  /^Job .*(?:controller-uid|job-name)$/u,
  /^PersistentVolumeClaim spec\.volumeName$/u,
  /^Secret data\.(?:token|ca\.crt)$/u,
  /^Secret metadata\.annotations\.kubernetes\.io\/service-account\.uid$/u,
]

function fieldsOf(object: LiveObject, namespace: string): Map<string, string> {
  const isToken = object['type'] === 'kubernetes.io/service-account-token'
  const read = object.kind === 'Secret' ? { ...object, data: decoded(object.data) } : object
  const own = [...flat(read, '')].filter(([path]) => {
    const rules = OF_OTHERS.filter(({ source }) => isToken || !source.startsWith('^Secret data'))
    return !rules.some((rule) => rule.test(path) || rule.test(`${object.kind} ${path}`))
  })
  const known = (text: string): string => text.replaceAll(namespace, 'NAMESPACE')
  return new Map(own.map(([path, text]) => [known(path), known(text)]))
}

function decoded(data: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
}

/** An empty map or list says nothing. */
function* flat(value: unknown, path: string): Generator<[string, string]> {
  if (typeof value !== 'object' || value === null) yield [path, JSON.stringify(value)]
  else for (const [key, item] of Object.entries(value)) yield* flat(item, path === '' ? key : `${path}.${key}`)
}
