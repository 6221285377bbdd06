import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { neighbourLike, neighboursAmong } from '../../domain/rehearsal/neighbours.ts'
import type { Outlook } from '../../domain/rehearsal/outlook.ts'
import { placeOf } from '../../domain/rehearsal/places.ts'
import { isPooler, poolerPods } from '../../domain/rehearsal/poolers.ts'
import { othersAmong } from '../../domain/rehearsal/rooms.ts'
import type { ClusterReader } from '../../ports.ts'
import { inParallel } from '../in-parallel.ts'
import type { ClusterFacts } from '../phases/observed.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** What decides where pods of the releases may stand, and is not of them. */
export interface Around {
  /** Pods of all namespaces, as far as they may be seen, that nothing makes of what is copied: their room is taken off. */
  readonly others: readonly KubeObject[]
  /** More of them, which decide it otherwise, as what stands for them; with the namespaces that only they are in. */
  readonly neighbours: readonly KubeObject[]
  readonly places: readonly KubeObject[]
  /** Volumes of the releases' claims that are on some nodes alone. */
  readonly volumes: readonly KubeObject[]
}

interface Known {
  /** Of the releases, and what stands beside them; and what tonight's deploy would have. */
  readonly standing: readonly KubeObject[]
  readonly rendered: readonly KubeObject[]
  readonly pods: readonly KubeObject[]
  readonly stuck: Outlook['stuck']
  readonly facts: Pick<ClusterFacts, 'namespaces' | 'nodes'>
}

interface Reading {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>
  readonly unseen: string[]
}

const READS_AT_ONCE = 8
const MOST = 1000

export async function around(
  { standing, rendered, pods, stuck, facts }: Known,
  reading: Reading,
  signal: AbortSignal,
): Promise<Around> {
  // Their operator's stand-in makes them anew (operators.ts).
  const poolers = standing.filter((one) => isPooler(one) && !stuck.has(keyOf(one)))
  const all = othersAmong(pods, [...standing, ...poolers.map(poolerPods)])
  const deciding = neighboursAmong(all, [...standing, ...rendered])
  if (deciding.length > MOST)
    reading.unseen.push(`of ${deciding.length} pods of others that decide where pods may stand, ${MOST} are there`)
  const there = new Set(deciding.slice(0, MOST))
  const neighbours = [...there].map(neighbourLike)
  const known = new Set(facts.namespaces.map(({ name }) => name))
  return {
    others: all.filter((pod) => !there.has(pod)),
    neighbours,
    places: await placesOf(neighbours, known, reading, signal),
    volumes: facts.nodes === undefined ? [] : await placedVolumes(standing, reading, signal),
  }
}

/** Not asked for where there are no claims. */
async function placedVolumes(
  objects: readonly KubeObject[],
  { cluster, unseen }: Reading,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  const names = new Set(claims.map((claim) => valueAt(claim, 'spec.volumeName')))
  if (claims.length === 0) return []
  const found = await unlessForbidden(
    cluster.list({ apiVersion: 'v1', kind: 'PersistentVolume' }, {}, signal),
    () => void unseen.push('on which nodes volumes are is not known: PersistentVolumes may not be listed'),
  )
  return (found ?? []).filter((one) => names.has(one.metadata.name) && placeOf(one) !== undefined)
}

/** Their namespaces, but those that are there anyway; one that may not be read is without its labels. */
async function placesOf(
  objects: readonly KubeObject[],
  known: ReadonlySet<string>,
  { cluster }: Reading,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const names = new Set(
    objects.flatMap(({ metadata: { namespace = '' } }) => (known.has(namespace) ? [] : [namespace])),
  )
  return await inParallel([...names], READS_AT_ONCE, async (name) => {
    const bare = { apiVersion: 'v1', kind: 'Namespace', name }
    const found = await unlessForbidden(cluster.get(bare, signal))
    return found ?? { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  })
}
