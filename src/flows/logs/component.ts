import { nearest, suggestion } from '../../domain/config/nearest.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { componentNames, membersOf } from '../../domain/logs/component.ts'
import { ForgeError } from '../../errors.ts'
import type { ClusterReader, PodLogs } from '../../ports.ts'
import type { Place, PlaceCluster } from '../state/place.ts'

export type LogsPlace = Place<{ readonly cluster: PlaceCluster & PodLogs & Pick<ClusterReader, 'list'> }>

/** What a component may be known by although it has no pod right now: scaled to zero, or between two pods. */
const OWNERS = ['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ apiVersion: 'apps/v1', kind }))

export interface Members {
  /** Oldest first. */
  readonly pods: readonly KubeObject[]
  readonly isMember: (object: KubeObject) => boolean
}

/** The pods of a component as they are now. Throws E_COMPONENT_UNKNOWN with the names that are near. */
export async function findMembers(component: string, place: LogsPlace, signal: AbortSignal): Promise<Members> {
  const { namespace, flags } = place
  const { cluster } = place.connected
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }, signal)
  const among = membersOf(component, pods)
  if (among !== undefined) return { pods: byAge(pods.filter(among)), isMember: among }
  const owners = await Promise.all(
    OWNERS.map(async (kind) => await cluster.list(kind, { namespace, metadataOnly: true }, signal)),
  )
  const all = [...pods, ...owners.flat()]
  const isMember = membersOf(component, all)
  if (isMember !== undefined) return { pods: [], isMember }
  const known = [...new Set(all.flatMap(componentNames))].sort()
  const meant = nearest(component, known) ?? known[0] ?? 'NAME'
  throw new ForgeError(
    'E_COMPONENT_UNKNOWN',
    `nothing in namespace ${namespace} is called ${component}${suggestion(component, known)}`,
    {
      hint: known.length === 0 ? `forge status ${flags}` : `forge logs ${meant} ${flags}`,
      where: `namespace ${namespace}`,
    },
  )
}

function byAge(pods: readonly KubeObject[]): KubeObject[] {
  const made = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return [...pods].sort((a, b) => made(a).localeCompare(made(b)))
}
