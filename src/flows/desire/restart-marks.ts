import { cameIn } from '../../domain/journal/target.ts'
import { LABELS } from '../../domain/journal/labels.ts'
import type { CameMark } from '../../domain/journal/model.ts'
import { keyOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { asBegun, isAsMade, isWaitedFor, withheld, withholds } from '../../domain/manifest/came-marks.ts'
import { consumed } from '../../domain/manifest/references.ts'
import {
  markOf,
  markPath,
  needsMarks,
  restartMarks,
  restartsPods,
  type Contents,
} from '../../domain/manifest/restart-marks.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import { dataOf, encodedTexts, fromBase64, toBase64 } from '../../domain/secrets/plan.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { Applied } from '../phases/applied.ts'
import type { Desired, DesiredRelease, MissingObject, RenderedRelease, Rendering } from '../phases/desired.ts'
import type { Connected, HashKey, Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { register } from '../project/secrets.ts'
import type { SecretSink } from '../project/ports.ts'
import { beganWithIt } from './as-begun.ts'
import { hooksOf } from './hooks.ts'
import { stale } from '../observe/stale.ts'

type Ports = Pick<DeployPorts, 'signal' | 'redactor' | 'randomBytes' | 'project'>

const KEY_TYPE = 'forge.api-forge.io/hash-key'
const KEY_BYTES = 32

/**
 * Completes the pod templates of charts that do not say themselves what restarts their pods (docs/configuration.md,
 * "What restarts"). What is compared and planned from here on is what helm will write.
 */
export async function markConsumers(context: Rendering, ports: Ports): Promise<Desired> {
  const workloads = context.releases.flatMap(({ rendered }) => rendered.filter(isMarked).map(({ object }) => object))
  const isHeld = ({ adopts, release }: RenderedRelease): boolean =>
    adopts !== undefined || isAdopted(release, context) || withholds(cameIn(context.liveEntry, release.name))
  if (workloads.length === 0 && !context.releases.some(isHeld))
    return { ...context, releases: context.releases.map((work) => ({ ...work, ...UNMARKED })) }
  const { contents, missing } = await readContents(context, workloads, ports)
  const contentsOf =
    ({ metadata: { namespace } }: KubeObject) =>
    ({ kind, name }: { kind: string; name: string }): Contents =>
      contents.get(placeOf(kind, name, namespace)) ?? { kind: 'unknown' }
  const marked = context.releases.map(async (work): Promise<DesiredRelease> => {
    const previous = previousObjects(work)
    const marks = new Map<string, readonly KeptValue[]>()
    const known = cameIn(context.liveEntry, work.release.name)
    const came: CameMark[] = []
    const waiting: MissingObject[] = []
    for (const one of work.rendered.filter(({ object, hook }) => hook === undefined && restartsPods(object))) {
      const { object } = one
      const before = previous.get(keyOf(object))
      const added = isMarked(one) ? await restartMarks(object, before, contentsOf(object)) : []
      const begun = asBegun(added, before, known)
      const isTaken = isTakenOver(object, work, context)
      const held = withheld(object, begun.marks, before, known, isTaken)
      if (held.marks.length > 0) marks.set(keyOf(object), held.marks)
      came.push(...begun.came, ...held.came)
      if (isMarked(one)) waiting.push(...missingOf(object, missing))
    }
    const rendered = work.rendered.map((one) => ({
      ...one,
      object: withValues(one.object, marks.get(keyOf(one.object)) ?? []),
    }))
    return { ...work, rendered, marks, came, missing: waiting }
  })
  return { ...context, releases: await Promise.all(marked) }
}

/** Its pods ran before this project did, and go on. */
function isTakenOver(object: KubeObject, work: RenderedRelease, context: Rendering): boolean {
  if (isAdopted(work.release, context)) return beganWithIt(object, previousObjects(work), context)
  return work.adopts?.has(keyOf(object)) === true && beganWithIt(object, context.legacy?.live, context)
}

/** Of somebody else until now (`--adopt`). */
function isAdopted({ name }: RenderedRelease['release'], { foreign, options }: Rendering): boolean {
  return options.adopt === true && foreign.some(({ release }) => release.name === name)
}

const UNMARKED = { marks: new Map<string, readonly KeptValue[]>(), came: [], missing: [] } as const

function isMarked({ object, hook }: Rendered): boolean {
  return hook === undefined && needsMarks(object)
}

function missingOf(workload: KubeObject, missing: ReadonlyMap<string, MissingObject['ref']>): MissingObject[] {
  return consumed(workload).flatMap(({ kind, name }) => {
    const ref = missing.get(placeOf(kind, name, workload.metadata.namespace))
    return ref === undefined || !isWaitedFor(workload, { kind, name }) ? [] : [{ workload, ref }]
  })
}

/**
 * After the last stage: what pods have waited for is there, and what their marks would be by it is written down, for the next
 * deploy to tell a change from. What was written again since it was made may not be what they began with.
 */
export async function noteCame(context: Applied, ports: Ports): Promise<void> {
  for (const { missing, marks, progress } of context.releases) {
    const found = await Promise.all(missing.map(async (one) => await cameMark(one, marks, context, ports)))
    progress.came = [...progress.came, ...found.flatMap((one) => one ?? [])]
  }
}

async function cameMark(
  { workload, ref }: MissingObject,
  marks: DesiredRelease['marks'],
  context: Connected,
  ports: Ports,
): Promise<CameMark | undefined> {
  const object = await unlessForbidden(context.cluster.get(ref, ports.signal))
  if (object === undefined || !isAsMade(object)) return undefined
  const contents = ref.kind === 'ConfigMap' ? dataContents(object) : await secretContents(object, context, ports)
  const mark = markOf(ref)
  const valueIn = (marks: readonly KeptValue[] = []): unknown =>
    marks.find(({ path }) => path === markPath(mark))?.value
  const isIt = (one: { kind: string; name: string }): boolean => one.kind === ref.kind && one.name === ref.name
  const now = await restartMarks(workload, undefined, (one) => (isIt(one) ? contents : { kind: 'unknown' }))
  const [written, came] = [valueIn(marks.get(keyOf(workload))), valueIn(now)]
  if (typeof written !== 'string' || typeof came !== 'string') return undefined
  return { workload: keyOf(workload), mark, written, came }
}

/**
 * What each consumed object holds after the deploy: from forge.yaml, from the render, else from the cluster. `missing`: those that
 * are nowhere yet.
 */
async function readContents(
  context: Rendering,
  workloads: readonly KubeObject[],
  ports: Ports,
): Promise<{ readonly contents: Map<string, Contents>; readonly missing: Map<string, MissingObject['ref']> }> {
  const missing = new Map<string, MissingObject['ref']>()
  const own = ownContents(context)
  const rendered = renderedContents(context)
  const home = context.project.environment.namespace
  const all = new Map(
    workloads.flatMap((workload) => {
      const { namespace = home } = workload.metadata
      return consumed(workload).map(({ kind, name }) => {
        return [placeOf(kind, name, namespace), { apiVersion: 'v1', kind, name, namespace }] as const
      })
    }),
  )
  const found = await Promise.all(
    [...all].map(async ([key, ref]): Promise<[string, Contents]> => {
      const known = own.get(key)
      if (known !== undefined) return [key, known]
      const made = rendered.get(key)
      const object = made === 'as helm renders it' ? undefined : (made ?? (await live(ref, context, ports)))
      if (object === undefined) return [key, { kind: 'unknown' }]
      // What the cluster has, has a uid.
      if (made === undefined && object.metadata.uid === undefined) missing.set(key, ref)
      return [key, ref.kind === 'ConfigMap' ? dataContents(object) : await secretContents(object, context, ports)]
    }),
  )
  return { contents: new Map(found), missing }
}

/**
 * What this deploy makes. A hook's object is made by the events that come, and stays as it is live in others; helm 3 renders
 * hooks itself, so that what a varying chart puts into one is never known.
 */
function renderedContents({ releases, charts }: Rendering): Map<string, KubeObject | 'as helm renders it'> {
  return new Map(
    releases.flatMap((work) => {
      const { rendered, varies } = work
      const coming = new Set(hooksOf(work).map(({ object }) => object))
      return rendered.flatMap(({ object, hook }): [string, KubeObject | 'as helm renders it'][] => {
        const key = placeOf(object.kind, object.metadata.name, object.metadata.namespace)
        if (hook !== undefined && varies && charts.major < 4) return [[key, 'as helm renders it']]
        return hook === undefined || coming.has(object) ? [[key, object]] : []
      })
    }),
  )
}

function placeOf(kind: string, name: string, namespace = ''): string {
  return `${namespace}/${kind}/${name}`
}

function ownContents({ project, secretPlans }: Rendering): Map<string, Contents> {
  const { namespace } = project.environment
  const planned = secretPlans.map(({ name, keyRevisions }): [string, Contents] => [
    placeOf('Secret', name, namespace),
    { kind: 'revisions', keys: keyRevisions },
  ])
  // A plan that may not read them has no numbers for them.
  return new Map([
    ...project.secrets.map(({ name }): [string, Contents] => [placeOf('Secret', name, namespace), { kind: 'unknown' }]),
    ...planned,
  ])
}

/** An object that is not there counts as an empty one: it may be optional, or come with a chart's hook. */
async function live(
  ref: ObjectRef,
  { cluster, notChecked }: Connected,
  { signal }: Ports,
): Promise<KubeObject | undefined> {
  const { apiVersion, kind, name, ...place } = ref
  const read = await unlessForbidden(cluster.get(ref, signal).then((object) => ({ object })))
  if (read === undefined) notChecked.push(`whether ${kind} ${name} has changed: not checked, it may not be read`)
  return read === undefined ? undefined : (read.object ?? { apiVersion, kind, metadata: { name, ...place } })
}

function dataContents(object: KubeObject): Contents {
  const { data, binaryData } = object as { data?: Record<string, string>; binaryData?: Record<string, string> }
  return { kind: 'data', keys: { ...data, ...binaryData } }
}

async function secretContents(object: KubeObject, context: Connected, ports: Ports): Promise<Contents> {
  const keys = stoodFor({ ...dataOf(object), ...encodedTexts(object) }, ports)
  maskAll(keys, ports.redactor)
  const key = await context.hashKey.get(async () => await readHashKey(context, ports))
  return key === undefined ? { kind: 'unknown' } : { kind: 'secret', keys, hashKey: key.bytes }
}

/** In a rehearsal the marks are those of the environment: they go by what its Secrets hold, and not by what was made up for them. */
function stoodFor(keys: Readonly<Record<string, string>>, { project: { standIn } }: Ports): Record<string, string> {
  if (standIn === undefined) return keys
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, toBase64(standIn.disguise.original(fromBase64(value)))]),
  )
}

function maskAll(keys: Readonly<Record<string, string>>, redactor: SecretSink): void {
  for (const value of Object.values(keys)) register(fromBase64(value), redactor)
}

/** Undefined: it may not be read. */
async function readHashKey({ cluster, project }: Connected, ports: Ports): Promise<HashKey | undefined> {
  const { signal, randomBytes } = ports
  const read = await unlessForbidden(cluster.get(hashKeyRef(project), signal).then((object) => ({ object })))
  if (read === undefined) return undefined
  const { key: kept } = read.object === undefined ? {} : stoodFor(dataOf(read.object), ports)
  return kept === undefined ? { bytes: randomBytes(KEY_BYTES), fresh: true } : { bytes: fromBase64(kept), fresh: false }
}

/** Under the lock, before helm: the key that the marks were made with must be the one that the next deploy finds. */
export async function keepHashKey(context: Opened, signal: AbortSignal): Promise<void> {
  const key = await context.hashKey.asked
  if (key?.fresh !== true) return
  const { project, cluster } = context
  const { name, namespace, ...kind } = hashKeyRef(project)
  const made = await cluster.create(
    {
      ...kind,
      metadata: { name, namespace, labels: { [LABELS.project]: project.name } },
      type: KEY_TYPE,
      data: { key: toBase64(key.bytes) },
    },
    signal,
  )
  if (made === undefined) throw stale([`Secret/${name}`], context)
}

function hashKeyRef({ name, environment }: Connected['project']) {
  return { apiVersion: 'v1', kind: 'Secret', namespace: environment.namespace, name: `forge-${name}-hash-key` } as const
}
