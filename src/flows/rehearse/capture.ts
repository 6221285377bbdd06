import { groupOf, keyOf, type ApiResource, type KindRef, type KubeObject } from '../../domain/kube.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import type { ClusterReader, ClusterVersion } from '../../ports.ts'
import { inParallel } from '../in-parallel.ts'
import type { Planned } from '../phases/planned.ts'
import { CLUSTER_KINDS, NAMESPACE_KINDS, TOLD_KINDS } from '../../domain/rehearsal/kinds.ts'
import { givenSecrets, type Given } from '../../domain/rehearsal/awaited.ts'
import { actorsAmong, isIdle, operatorsFor, type Actors } from '../../domain/rehearsal/operators.ts'
import { outlookOn, type Outlook } from '../../domain/rehearsal/outlook.ts'
import { workloadsEverywhere } from '../observe/actors.ts'
import { standInsFor, unseenTexts } from '../../domain/rehearsal/unseen.ts'
import { around, type Around } from './around.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** What of an environment a rehearsal goes by, as it was read. Secrets are in it: it never leaves this process. */
export interface Captured extends Around {
  readonly version: ClusterVersion
  readonly namespaces: readonly KubeObject[]
  readonly nodes: readonly KubeObject[]
  /** Classes, priorities, policies, webhooks: what belongs to no namespace and to no release. */
  readonly shared: readonly KubeObject[]
  readonly definitions: readonly KubeObject[]
  /** Of the releases, and what stands beside them in their namespaces. */
  readonly objects: readonly KubeObject[]
  /** What tonight's deploy would have, and what its charts are given. */
  readonly rendered: readonly KubeObject[]
  readonly values: readonly JsonMap[]
  readonly resources: readonly ApiResource[]
  readonly actors: Actors
  /** Of custom resources that are not ready: which of them tonight's deploy may mend. */
  readonly outlook: Omit<Outlook, 'objects'>
  /** Secrets that something else makes while the deploy runs. */
  readonly given: readonly Given[]
  /** Sentences: what may not be read. */
  readonly unseen: readonly string[]
}

const DEFINITION = 'CustomResourceDefinition'
const NODE = 'Node'

type Reader = Pick<ClusterReader, 'get' | 'list'>

/** Definitions are read by name, and nodes are in hand: the plan has read them. */
const SHARED = [...CLUSTER_KINDS.filter(({ kind }) => kind !== DEFINITION && kind !== NODE), ...TOLD_KINDS]

/** What pods of a namespace may need, whoever made it. */
const BESIDE = [...NAMESPACE_KINDS, { apiVersion: 'v1', kind: 'Service' }]

const READS_AT_ONCE = 8

/** Reads only: `cluster` cannot write. What may not be read is told, and is not in the scene. */
export async function capture(planned: Planned, cluster: Reader, now: number, signal: AbortSignal): Promise<Captured> {
  const { facts, live } = planned
  const unseen: string[] = []
  const unread: { kind: string; namespace: string | undefined }[] = []
  const served = new Map(facts.resources.map((one) => [`${one.apiVersion}/${one.kind}`, one]))
  const list = async (kind: KindRef, namespace?: string): Promise<readonly KubeObject[]> => {
    if (!served.has(`${kind.apiVersion}/${kind.kind}`)) return []
    const place = namespace === undefined ? {} : { namespace }
    const found = await unlessForbidden(
      cluster.list(kind, place, signal),
      () => void unread.push({ kind: kind.kind, namespace }),
    )
    return found ?? []
  }
  const names = facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [] : [name]))
  const asked = [
    ...SHARED.map((kind) => ({ kind, namespace: undefined })),
    { kind: POD, namespace: undefined },
    ...names.flatMap((namespace) => BESIDE.map((kind) => ({ kind, namespace }))),
  ]
  const rendered = renderedIn(planned)
  const [read, definitions, actors] = await Promise.all([
    inParallel(asked, READS_AT_ONCE, async ({ kind, namespace }) => await list(kind, namespace)),
    definitionsFor(planned, served, cluster, signal, unseen),
    actorsFor([...live.values(), ...rendered], cluster, signal, unseen),
  ])
  const [pods = [], ...beside] = read.slice(SHARED.length)
  if (facts.nodes === undefined) unread.push({ kind: NODE, namespace: undefined })
  const objects = new Map([...live.values(), ...beside.flat()].map((object) => [keyOf(object), object]))
  const standIns = standInsFor({
    kinds: new Set(unread.map(({ kind }) => kind)),
    objects: [...objects.values(), ...rendered],
  })
  const shared = [...read.slice(0, SHARED.length).flat(), ...standIns.filter(isShared)]
  for (const one of standIns.filter(({ metadata }) => metadata.namespace !== undefined)) objects.set(keyOf(one), one)
  const sharedKeys = new Set(shared.map(keyOf))
  const isWithout = (kind: KindRef): boolean => isIdle(actors, kind)
  const { objects: standing, ...outlook } = outlookOn([...objects.values()], {
    plans: planned.releases.flatMap(({ plans }) => plans),
    secrets: planned.secretPlans,
    pods,
    now,
    isIdle: isWithout,
  })
  return {
    version: facts.version,
    namespaces: facts.namespaces.flatMap(({ object }) => object ?? []),
    nodes: facts.nodes ?? standIns.filter(isNode),
    ...{ shared, definitions, rendered, actors, outlook },
    ...(await around({ standing, rendered, pods, stuck: outlook.stuck, facts }, { cluster, unseen }, signal)),
    objects: standing.filter((object) => !sharedKeys.has(keyOf(object)) && object.kind !== DEFINITION),
    given: givenSecrets(planned.awaited, rendered, standing, isWithout),
    values: planned.releases.map(({ configuration }) => configuration.values),
    resources: facts.resources,
    unseen: [...unseenTexts(unread), ...unseen],
  }
}

function renderedIn({ releases }: Planned): KubeObject[] {
  return releases.flatMap(({ rendered }) => rendered.map(({ object }) => object))
}

async function actorsFor(
  objects: readonly KubeObject[],
  cluster: Reader,
  signal: AbortSignal,
  unseen: string[],
): Promise<Actors> {
  const operators = operatorsFor(objects)
  if (operators.length === 0) return { workloads: [], idle: [] }
  const everywhere = await workloadsEverywhere(cluster, signal)
  if (everywhere === undefined)
    unseen.push(
      `whether these run is not known, and taken for granted: ${operators.map(({ called }) => called).join(', ')}`,
    )
  return actorsAmong(operators, everywhere, objects)
}

function isNode({ kind }: KubeObject): boolean {
  return kind === NODE
}

function isShared(object: KubeObject): boolean {
  return object.metadata.namespace === undefined && !isNode(object)
}

const POD: KindRef = { apiVersion: 'v1', kind: 'Pod' }

/** Of the kinds that the releases have, or will have. */
async function definitionsFor(
  { live, releases }: Planned,
  served: ReadonlyMap<string, ApiResource>,
  cluster: Reader,
  signal: AbortSignal,
  unseen: string[],
): Promise<readonly KubeObject[]> {
  const rendered = releases.flatMap((work) => [...work.rendered, ...work.previous].map(({ object }) => object))
  const objects = [...live.values(), ...rendered]
  const named = new Set(
    objects.flatMap(({ apiVersion, kind }) => {
      const resource = served.get(`${apiVersion}/${kind}`)
      const group = groupOf(apiVersion)
      // Kubernetes' own have none, and are asked for in vain.
      return resource === undefined || !group.includes('.') ? [] : [`${resource.plural}.${group}`]
    }),
  )
  // A release's own ones are live already.
  for (const object of objects) if (object.kind === DEFINITION) named.add(object.metadata.name)
  const found = await inParallel([...named], READS_AT_ONCE, async (name) => {
    const ref = { apiVersion: 'apiextensions.k8s.io/v1', kind: DEFINITION, name }
    return await unlessForbidden(cluster.get(ref, signal), () =>
      unseen.push(`${DEFINITION}/${name}: it may not be read`),
    )
  })
  return found.flatMap((one) => one ?? [])
}
