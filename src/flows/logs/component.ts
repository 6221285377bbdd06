import { nearest, suggestion } from '../../domain/config/nearest.ts'
import { namespacesOf, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { knownComponents } from '../../domain/journal/project.ts'
import { componentNames, membersOf, podsOfObject } from '../../domain/logs/component.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { ClusterReader, PodLogs, ReleaseStore } from '../../ports.ts'
import { select } from '../../domain/stages/stages.ts'
import { readNamed } from '../observe/named.ts'
import { Once } from '../once.ts'
import type { OpenScope, ScopeCluster } from '../state/scope.ts'
import { installedObjects } from '../status/subject.ts'
import { ROLLED_OUT } from '../../domain/workload-kinds.ts'

export type LogsScope = OpenScope<{
  readonly cluster: ScopeCluster & PodLogs & ReleaseStore & Pick<ClusterReader, 'get' | 'list' | 'resources'>
}>

const POD = { apiVersion: 'v1', kind: 'Pod' }
/** What a component may be known by although it has no pod right now: scaled to zero, or between two pods. */
const OWNERS = ROLLED_OUT

export interface Members {
  /** Oldest first. */
  readonly pods: readonly KubeObject[]
  readonly isMember: (object: KubeObject) => boolean
  /** Where they are. */
  readonly namespaces: readonly string[]
}

/**
 * The pods of a component as they are now: in the environment's namespace, else in others that its releases have workloads
 * in. Throws E_COMPONENT_UNKNOWN with the names that are near.
 */
export async function findMembers(component: string, scope: LogsScope, signal: AbortSignal): Promise<Members> {
  const { namespace, flags, absent } = scope
  const read = new Once<readonly KubeObject[]>()
  const objects = async (): Promise<readonly KubeObject[]> => await read.get(async () => await installed(scope, signal))
  const named = await namedMembers(component, objects, scope, signal)
  if (named !== undefined) return named
  const here = await membersIn([namespace], component, scope, signal)
  if (here.found !== undefined) return here.found
  const away = await membersIn(otherNamespaces(await objects(), namespace), component, scope, signal)
  if (away.found !== undefined) return away.found
  const target = componentsOf(scope).find(({ name }) => name === component)?.target
  if (target !== undefined)
    throw new ForgeError('E_COMPONENT_UNKNOWN', `${target}, called ${component} in forge.yaml, is not installed`, {
      hint: forge('status', ...flags),
      where: `namespace ${namespace}`,
    })
  const all = [...componentsOf(scope).map(({ name }) => name), ...[...here.all, ...away.all].flatMap(componentNames)]
  const known = [...new Set(all)].sort()
  const meant = nearest(component, known) ?? known[0] ?? 'NAME'
  throw new ForgeError(
    'E_COMPONENT_UNKNOWN',
    absent !== undefined && known.length === 0
      ? absent
      : `nothing in namespace ${namespace} is called ${component}${suggestion(component, known)}`,
    {
      hint: known.length === 0 ? forge('status', ...flags) : forge('logs', meant, ...flags),
      where: `namespace ${namespace}`,
    },
  )
}

async function membersIn(
  namespaces: readonly string[],
  component: string,
  { connected: { cluster } }: LogsScope,
  signal: AbortSignal,
): Promise<{ readonly found: Members | undefined; readonly all: readonly KubeObject[] }> {
  const listed = async (kind: KindRef, metadataOnly: boolean): Promise<KubeObject[]> => {
    const lists = namespaces.map(async (namespace) => await cluster.list(kind, { namespace, metadataOnly }, signal))
    return (await Promise.all(lists)).flat()
  }
  const pods = await listed(POD, false)
  const among = membersOf(component, pods)
  if (among !== undefined) return { found: { pods: byAge(pods.filter(among)), isMember: among, namespaces }, all: pods }
  const owners = await Promise.all(OWNERS.map(async (kind) => await listed(kind, true)))
  const all = [...pods, ...owners.flat()]
  const isMember = membersOf(component, all)
  return { found: isMember === undefined ? undefined : { pods: [], isMember, namespaces }, all }
}

function componentsOf({ checkout, journal }: LogsScope): ReturnType<typeof knownComponents> {
  return knownComponents(checkout, journal.live ?? journal.entries[0])
}

/** What forge.yaml calls so (`components`), as it is installed. */
async function namedMembers(
  component: string,
  objects: () => Promise<readonly KubeObject[]>,
  scope: LogsScope,
  signal: AbortSignal,
): Promise<Members | undefined> {
  const target = componentsOf(scope).find(({ name }) => name === component)?.target
  if (target === undefined) return undefined
  const recorded = select(target, await objects())
  // helm has no record of plain objects that Flux or Argo CD applies: they are known by their names.
  const isBeside = recorded.length === 0 && scope.checkout?.environment.managedBy !== undefined
  const looking = { namespace: scope.namespace, cluster: scope.connected.cluster }
  const meant = isBeside ? (await readNamed([target], looking, signal)).found : recorded
  if (meant.length === 0) return undefined
  const among = meant.map(podsOfObject)
  const isMember = (object: KubeObject): boolean => among.some((is) => is(object))
  const namespaces = namespacesOf(meant)
  const lists = namespaces.map(async (namespace) => await scope.connected.cluster.list(POD, { namespace }, signal))
  return { pods: byAge((await Promise.all(lists)).flat().filter(isMember)), isMember, namespaces }
}

/** By helm's records. */
async function installed(
  { journal, checkout, connected: { cluster } }: LogsScope,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const releases = (journal.live ?? journal.entries[0])?.releases ?? checkout?.releases ?? []
  const histories = releases.map(async ({ name, namespace }) =>
    installedObjects(await cluster.history(name, namespace, signal), namespace),
  )
  return (await Promise.all(histories)).flat()
}

function otherNamespaces(objects: readonly KubeObject[], home: string): string[] {
  return namespacesOf(objects.filter(({ kind }) => OWNERS.some((owner) => owner.kind === kind))).filter(
    (one) => one !== home,
  )
}

function byAge(pods: readonly KubeObject[]): KubeObject[] {
  const made = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return [...pods].sort((a, b) => made(a).localeCompare(made(b)))
}
