import { keyOf, nameOf, refOf, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { servedBy } from '../../domain/rehearsal/definitions.ts'
import { withGiven } from '../../domain/rehearsal/awaited.ts'
import { forCreation } from '../../domain/rehearsal/copies.ts'
import { inRanks, isCustom, isLeftOut, keepsStatus, TOLD_KINDS } from '../../domain/rehearsal/kinds.ts'
import { statusLike, withManagers } from '../../domain/rehearsal/managers.ts'
import { operatorLike, runs } from '../../domain/rehearsal/operators.ts'
import type { RehearsalScene } from '../../domain/rehearsal/model.ts'
import {
  classLike,
  definitionLike,
  limitsGiven,
  namespaceLike,
  nodeLike,
  quotaRoom,
  volumeFor,
} from '../../domain/rehearsal/places.ts'
import { othersAmong } from '../../domain/rehearsal/rooms.ts'
import { isPooler, poolerPods } from '../../domain/rehearsal/poolers.ts'
import { isCopied, notRehearsed } from '../../domain/rehearsal/not-rehearsed.ts'
import { RECORD_TYPE } from '../../domain/rehearsal/disguise.ts'
import { workloadsAmong } from '../../domain/stages/stages.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { ForgeError } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { inParallel } from '../in-parallel.ts'
import { readExpectations } from '../prove/expectations.ts'
import { underWatch } from '../prove/under-watch.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Captured } from './capture.ts'
import type { Copies } from './copies.ts'
import type { MadeSandbox } from './ports.ts'
import type { Tonight } from './rehearse.ts'

type Ports = Pick<DeployPorts, 'clock' | 'signal'>

const WRITES_AT_ONCE = 16
const READY_MS = 60_000
/** A controller writes a status meanwhile: then the object is read and written once more. */
const TRIES = 8

/** Makes a sandbox like the environment. What it refuses is told, and is not there. */
export async function build(
  { planned, captured, copies }: Tonight,
  sandbox: MadeSandbox,
  ports: Ports,
): Promise<RehearsalScene> {
  const told: string[] = []
  // Their operator's stand-in makes them anew (operators.ts).
  const poolers = copies.objects.filter((one) => isPooler(one) && !captured.outlook.stuck.has(keyOf(one)))
  const others = othersAmong(captured.pods, [...copies.objects, ...poolers.map(poolerPods)])
  const nodes = nodesOf(others, copies.nodes)
  const isOwn = (object: KubeObject): boolean => planned.live.has(keyOf(object))
  const shared = withoutActors(copies.shared, isOwn).filter((one) => !isLeftOut(one))
  const classes = shared.filter(({ kind }) => kind === 'StorageClass')
  const own = copies.objects.filter((object) => !isLeftOut(object))
  const volumes = own.flatMap((object) =>
    object.kind === 'PersistentVolumeClaim' ? (volumeFor(object, classes) ?? []) : [],
  )
  const namespaces = copies.namespaces.map((original) => ({ original, copy: namespaceLike(original) }))
  const given = own.flatMap((object) => (object.kind === 'LimitRange' ? (limitsGiven(object) ?? []) : []))
  const wanted: readonly Wanted[] = [
    ...copies.definitions.map((original) => ({ original, copy: definitionLike(original) })),
    ...shared.map((original) => ({
      original,
      copy: original.kind === 'StorageClass' ? classLike(original) : forCreation(original),
    })),
    ...nodes.map((copy) => ({ original: copy, copy })),
    ...volumes.map((copy) => ({ original: copy, copy })),
    ...own.map((original) => ({ original, copy: withGiven(copyOf(original, others), captured.given) })),
    ...standIns(captured, copies),
  ]
  if (classes.length > 0) await removeClasses(sandbox, ports.signal)
  // What refuses comes last, and what gives first.
  await createAll([...namespaces, ...given.map((copy) => ({ original: copy, copy }))], sandbox, told, ports)
  const made = await createAll(wanted, sandbox, told, ports)
  await untilReady(made, captured, copies, sandbox, told, ports)
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
    notRehearsed: [...notRehearsed(foundIn(captured, wanted, isOwn)), ...captured.unseen, ...copies.left, ...told],
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

interface Wanted {
  readonly original: KubeObject
  readonly copy: KubeObject
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
  return made.map((copy) => ({ original: copy, copy }))
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

/** With the room of now: pods of others stay where they are, and are not copied. */
function nodesOf(others: readonly KubeObject[], nodes: readonly KubeObject[]): KubeObject[] {
  const onNode = Map.groupBy(others, (pod) => String(valueAt(pod, 'spec.nodeName')))
  return nodes.map((node, index) => nodeLike(node, onNode.get(node.metadata.name) ?? [], index))
}

function copyOf(original: KubeObject, others: readonly KubeObject[]): KubeObject {
  if (original.kind !== 'ResourceQuota') return forCreation(original)
  const { namespace } = original.metadata
  const beside = others.filter(({ metadata }) => metadata.namespace === namespace)
  return quotaRoom(original, beside)
}

/** The sandbox's own would be the default beside the environment's. */
async function removeClasses({ cluster }: MadeSandbox, signal: AbortSignal): Promise<void> {
  const found = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, {}, signal)
  await Promise.all(found.map(async (one) => await cluster.delete(refOf(one), {}, signal)))
}

/** In the order in which they need each other. */
async function createAll(
  wanted: readonly Wanted[],
  sandbox: MadeSandbox,
  told: string[],
  ports: Ports,
): Promise<KubeObject[]> {
  const made: KubeObject[] = []
  for (const group of inRanks(wanted, ({ copy }) => copy)) {
    const created = await inParallel(
      group,
      WRITES_AT_ONCE,
      async (one) => await createOne(one, sandbox, told, ports.signal),
    )
    const there = created.flatMap((one) => one ?? [])
    made.push(...there)
    const definitions = there.filter(({ kind }) => kind === 'CustomResourceDefinition')
    if (definitions.length > 0) await follow(definitions, 'definitions', sandbox, told, ports)
    for (const kind of definitions.flatMap(servedBy)) await isServed(kind, sandbox, ports.signal)
  }
  return made
}

/** What is served is known once something that was not there is asked for. */
async function isServed(kind: KindRef, { cluster }: MadeSandbox, signal: AbortSignal): Promise<void> {
  await unlessItFails(cluster.list(kind, {}, signal), () => undefined)
}

/** Undefined: the sandbox does not take it, or had it. */
async function createOne(
  { original, copy }: Wanted,
  { cluster }: MadeSandbox,
  told: string[],
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    const created = await cluster.create(copy, signal)
    if (created === undefined) return undefined
    const owned = await ownedAlike(created, original, cluster, told, signal)
    if (!keepsStatus(original)) return owned
    const said = statusLike(original, owned)
    // Without such a subresource it is a field like others.
    const beside = await cluster.replace(said, signal, 'status')
    return beside ?? (await cluster.replace(said, signal)) ?? owned
  } catch (error) {
    if (!(error instanceof ForgeError) || !isRefusal(error)) throw error
    told.push(`${nameOf(copy)} is not there: ${error.message}`)
    return undefined
  }
}

/** Of the object itself, and not of the way to the sandbox: what admission forbids is E_FORBIDDEN. */
function isRefusal({ code }: ForgeError): boolean {
  return code.startsWith('E_API_') || code === 'E_KIND_UNKNOWN' || code === 'E_FORBIDDEN'
}

/** Who owns which field decides what conflicts. */
async function ownedAlike(
  created: KubeObject,
  original: KubeObject,
  cluster: MadeSandbox['cluster'],
  told: string[],
  signal: AbortSignal,
): Promise<KubeObject> {
  let now = created
  for (let tries = 0; tries < TRIES; tries += 1) {
    const wanted = withManagers(now, original)
    if (wanted === now) return now
    const written = await cluster.replace(wanted, signal)
    if (written !== undefined) return written
    const found = await cluster.get(refOf(now), signal)
    if (found === undefined) return now
    now = found
  }
  told.push(`who owns which field of ${nameOf(now)} is not as in the environment: it is written to all the time`)
  return now
}

/** What runs in the environment runs here, before anything is deployed. */
async function untilReady(
  made: readonly KubeObject[],
  { actors }: Captured,
  copies: Copies,
  sandbox: MadeSandbox,
  told: string[],
  ports: Ports,
): Promise<void> {
  const stopped = new Set(actors.workloads.filter((one) => !runs(one)).map(keyOf))
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
      sandbox,
      told,
      ports,
    )
  }
}

async function follow(
  objects: readonly KubeObject[],
  name: string,
  { cluster }: MadeSandbox,
  told: string[],
  { clock, signal }: Ports,
): Promise<void> {
  const [first] = objects
  if (first === undefined) return
  const namespace = first.metadata.namespace ?? 'default'
  const stages = [{ name, timeoutMs: READY_MS, targets: objects.map(refOf) }]
  const context = { cluster, project: { environment: { namespace } } }
  await underWatch(context, { clock }, stages, signal, async (follower) => {
    follower.released(await readExpectations(cluster, stages, namespace, signal))
    const end = await follower.stage(name, () => undefined)
    if (end.state === 'failed') told.push(`before the deploy, in the sandbox: ${end.failed.failure.message}`)
  })
}
