import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { withGiven } from '../../domain/rehearsal/awaited.ts'
import { forCreation } from '../../domain/rehearsal/copies.ts'
import { thatFails } from '../../domain/rehearsal/failing.ts'
import { isCustom, isLeftOut, TOLD_KINDS } from '../../domain/rehearsal/kinds.ts'
import { operatorLike, runs } from '../../domain/rehearsal/operators.ts'
import type { RehearsalScene } from '../../domain/rehearsal/model.ts'
import {
  claimTo,
  classLike,
  definitionLike,
  limitsGiven,
  namespaceLike,
  nodeLike,
  quotaRoom,
  volumeFor,
} from '../../domain/rehearsal/places.ts'
import { ownedBy } from '../../domain/rehearsal/neighbours.ts'
import { isCopied, notRehearsed } from '../../domain/rehearsal/not-rehearsed.ts'
import { RECORD_TYPE } from '../../domain/rehearsal/disguise.ts'
import { workloadsAmong } from '../../domain/stages/stages.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Captured } from './capture.ts'
import type { Copies } from './copies.ts'
import type { MadeSandbox } from './ports.ts'
import { untilHeeded } from './policies.ts'
import { createAll, follow, type Site, type Wanted } from './site.ts'
import type { Tonight } from './rehearse.ts'

type Ports = Pick<DeployPorts, 'clock' | 'signal'>

/** Makes a sandbox like the environment. What it refuses is told, and is not there. */
export async function build(
  { planned, captured, copies }: Tonight,
  sandbox: MadeSandbox,
  ports: Ports,
): Promise<RehearsalScene> {
  const site: Site = { sandbox, told: [], ports }
  const around: Around = { others: captured.others, volumes: copies.volumes }
  const nodes = nodesOf(copies.nodes, around)
  const isOwn = (object: KubeObject): boolean => planned.live.has(keyOf(object))
  const shared = withoutActors(copies.shared, isOwn).filter((one) => !isLeftOut(one))
  const classes = shared.filter(({ kind }) => kind === 'StorageClass')
  const own = copies.objects.filter((object) => !isLeftOut(object))
  const keys = new Set(own.map(keyOf))
  const volumes = own
    .flatMap((one) => (one.kind === 'PersistentVolumeClaim' ? (volumeFor(one, classes, copies.volumes) ?? []) : []))
    .filter((volume) => !keys.has(keyOf(volume)))
  const namespaces = copies.namespaces.map((original) => ({ original, copy: namespaceLike(original) }))
  const given = own.flatMap((object) => (object.kind === 'LimitRange' ? (limitsGiven(object) ?? []) : []))
  const wanted: readonly Wanted[] = [
    ...copies.definitions.map((original) => ({ original, copy: definitionLike(original) })),
    ...shared.map((original) => ({
      original,
      copy: original.kind === 'StorageClass' ? classLike(original) : forCreation(original),
    })),
    ...asTheyAre(volumes),
    ...own.map((original) => {
      const way = captured.outlook.failing.get(keyOf(original))
      const copy = withGiven(copyOf(original, around), captured.given)
      return { original, copy: way === undefined ? copy : thatFails(copy, way) }
    }),
    ...standIns(captured, copies),
  ]
  if (classes.length > 0) await removeClasses(sandbox, ports.signal)
  // What refuses comes last, and what gives before those to whom it is given.
  await createAll(namespaces, site)
  const standing = await createAll(asTheyAre(nodes), site)
  await settle(copies, standing, site)
  await createAll(asTheyAre(given), site)
  const limits = wanted.filter(({ copy }) => refuses(copy))
  const rest = wanted.filter(({ copy }) => !refuses(copy))
  const running = await createAll(rest, site)
  await untilReady(running, captured, copies, site)
  const made = [...standing, ...running, ...(await limit(limits, site))]
  await Promise.all(given.map(async (one) => await sandbox.cluster.delete(refOf(one), {}, ports.signal)))
  const count = (is: (object: KubeObject) => boolean): number => made.filter(is).length
  return {
    kubernetes: { environment: captured.version.gitVersion.replace(/^v/u, ''), sandbox: sandbox.kubernetes },
    copied: {
      nodes: nodes.length,
      namespaces: copies.namespaces.length,
      storageClasses: classes.length,
      definitions: copies.definitions.length,
      objects: count(({ kind }) => kind !== 'Secret' && kind !== 'Node' && kind !== 'Namespace'),
      secrets: count((object) => object.kind === 'Secret' && object['type'] !== RECORD_TYPE),
      records: count((object) => object['type'] === RECORD_TYPE),
    },
    notRehearsed: [...notRehearsed(foundIn(captured, wanted, isOwn)), ...captured.unseen, ...copies.left, ...site.told],
  }
}

function foundIn(
  captured: Captured,
  wanted: readonly Wanted[],
  isOwn: (object: KubeObject) => boolean,
): Parameters<typeof notRehearsed>[0] {
  const { shared, namespaces, definitions, resources, rendered, given, actors, outlook } = captured
  const of = (...kinds: readonly string[]): KubeObject[] => shared.filter(({ kind }) => kinds.includes(kind))
  return {
    ...{ namespaces, definitions, resources, given, actors, open: outlook.open },
    objects: [...wanted.map(({ original }) => original), ...rendered],
    webhooks: of('ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'),
    policies: of(POLICY, 'MutatingAdmissionPolicy').filter((one) => !isOwn(one)),
  }
}

/** Of operators, with their namespaces. */
function standIns({ actors: { workloads } }: Captured, { namespaces }: Copies): Wanted[] {
  const there = new Set(['kube-system', 'default', ...namespaces.map(({ metadata: { name } }) => name)])
  const places = new Set(
    workloads.flatMap(({ metadata: { namespace = '' } }) => (there.has(namespace) ? [] : [namespace])),
  )
  const made = [
    ...[...places].map((name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...workloads.map(operatorLike),
  ]
  return asTheyAre(made)
}

/**
 * Without what acts on others and cannot here: what is only told, and policies that need more than themselves, with what binds
 * them. Those of the releases stay, as anything that a deploy changes: it would make them.
 */
function withoutActors(shared: readonly KubeObject[], isOwn: (object: KubeObject) => boolean): KubeObject[] {
  const onlyTold = new Set(TOLD_KINDS.map(({ kind }) => kind))
  const gone = new Set(
    shared.filter((one) => one.kind === POLICY && !isCopied(one) && !isOwn(one)).map(({ metadata }) => metadata.name),
  )
  return shared.filter((one) => {
    if (isOwn(one)) return true
    if (onlyTold.has(one.kind)) return false
    const policy = one.kind === POLICY ? one.metadata.name : one.kind === BINDING ? valueAt(one, 'spec.policyName') : ''
    return !gone.has(String(policy))
  })
}

const POLICY = 'ValidatingAdmissionPolicy'
const BINDING = 'ValidatingAdmissionPolicyBinding'

type Around = Pick<Captured, 'others' | 'volumes'>

/** With the room of now. */
function nodesOf(nodes: readonly KubeObject[], { others }: Around): KubeObject[] {
  const onNode = Map.groupBy(others, (pod) => String(valueAt(pod, 'spec.nodeName')))
  return nodes.map((node, index) => nodeLike(node, onNode.get(node.metadata.name) ?? [], index))
}

function copyOf(original: KubeObject, { others, volumes }: Around): KubeObject {
  if (original.kind === 'PersistentVolumeClaim') return claimTo(original, volumes)
  if (original.kind !== 'ResourceQuota') return forCreation(original)
  const { namespace } = original.metadata
  const beside = others.filter(({ metadata }) => metadata.namespace === namespace)
  return quotaRoom(original, beside)
}

function asTheyAre(objects: readonly KubeObject[]): Wanted[] {
  return objects.map((copy) => ({ original: copy, copy }))
}

/** Before pods that a scheduler places. */
async function settle({ neighbours, places }: Copies, nodes: readonly KubeObject[], site: Site): Promise<void> {
  await createAll(
    places.map((original) => ({ original, copy: namespaceLike(original) })),
    site,
  )
  // A controller would make it a moment later, and without it no pod is let in.
  const spaces = new Set(neighbours.flatMap(({ metadata: { namespace } }) => namespace ?? []))
  const accounts = [...spaces].map((namespace): KubeObject => {
    return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
  })
  await createAll(asTheyAre(accounts), site)
  const named = new Map(nodes.map((node) => [node.metadata.name, node]))
  const pods = neighbours.flatMap((pod) => {
    const node = named.get(String(valueAt(pod, 'spec.nodeName')))
    return node === undefined ? [] : [ownedBy(pod, node)]
  })
  await createAll(asTheyAre(pods), site)
}

/** The sandbox's own would be the default beside the environment's. */
async function removeClasses({ cluster }: MadeSandbox, signal: AbortSignal): Promise<void> {
  const found = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, {}, signal)
  await Promise.all(found.map(async (one) => await cluster.delete(refOf(one), {}, signal)))
}

/** What runs in the environment runs here, before anything is deployed. */
async function untilReady(
  made: readonly KubeObject[],
  { actors, outlook }: Captured,
  copies: Copies,
  site: Site,
): Promise<void> {
  const stopped = new Set([...actors.workloads.filter((one) => !runs(one)).map(keyOf), ...outlook.stuck])
  const places = [...copies.namespaces, ...actors.workloads].map(({ kind, metadata: { name, namespace } }) => {
    return kind === 'Namespace' ? name : namespace
  })
  for (const place of new Set(places)) {
    const own = made.filter(
      (object) => object.metadata.namespace === place && !isCustom(object) && !stopped.has(keyOf(object)),
    )
    const workloads = new Set(workloadsAmong(own).map(({ kind, name }) => `${kind}/${name}`))
    await follow(
      own.filter((object) => workloads.has(nameOf(object))),
      'workloads',
      site,
    )
  }
}

/**
 * What refuses pods comes once they are there: a policy or a LimitRange may be younger than what runs in the environment, and a
 * quota's controller counts those pods that it has seen when the quota comes, and none of before it later.
 */
async function limit(wanted: readonly Wanted[], site: Site): Promise<KubeObject[]> {
  const made = await createAll(wanted, site)
  const quotas = made.filter(({ kind }) => kind === 'ResourceQuota')
  for (const [, own] of Map.groupBy(quotas, ({ metadata }) => metadata.namespace)) await follow(own, 'quotas', site)
  await untilHeeded(made, site)
  return made
}

function refuses({ kind }: KubeObject): boolean {
  return ['LimitRange', 'ResourceQuota', POLICY, BINDING].includes(kind)
}
