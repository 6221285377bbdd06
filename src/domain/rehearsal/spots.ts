import { isMap } from '../config/path.ts'
import type { Component } from '../config/component.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { JUDGE_DEFAULTS } from '../readiness/model.ts'
import { specOf, templateOf, type ContainerSpec } from '../readiness/shapes.ts'
import type { StageTargets } from '../stages/stages.ts'
import { workloadIs } from '../workload-kinds.ts'
import { claimFailure, podFailure } from './failures.ts'
import type { FailureKind } from './model.ts'

/** What tonight's deploy does to an object: of a workload, to its pods. */
export type Fate = 'created' | 'restarted' | 'left'

export interface TonightObject {
  readonly object: KubeObject
  readonly fate: Fate
  /** One that helm runs in this deploy. */
  readonly isHook?: boolean
}

/** What tonight's deploy renders, as it is about to be given to helm. */
export interface Tonight {
  readonly objects: readonly TonightObject[]
  readonly stages: readonly Pick<StageTargets, 'targets'>[]
  readonly components: readonly Component[]
  /** Helm 3 renders hooks itself, behind forge. */
  readonly hooksCanBeMarked: boolean
  /** Keys (`keyOf`) of the claims that are there: no volume is made for them. */
  readonly claims: ReadonlySet<string>
}

/** Where a failure is written, and how. */
export interface Spot {
  readonly on: KubeObject
  readonly values: readonly KeptValue[]
  /** Where it is not the first one that fails. */
  readonly container?: string
}

/** Why it cannot happen there: a clause that begins with a verb, after the name of the workload. */
export interface Nowhere {
  readonly why: string
}

export function hasPods({ object: { kind } }: TonightObject): boolean {
  return workloadIs(kind, 'isRolledOut') || kind === 'Job'
}

/** Where a failure can be let happen to that workload's new pods. */
export function spotOf(kind: FailureKind, one: TonightObject, tonight: Tonight): Spot | Nowhere {
  const why = makesNoPods(one, tonight)
  if (why !== undefined) return { why }
  if (kind === 'provisioning') return claimSpot(one, tonight)
  const found = containerFor(kind, one.object)
  if (typeof found === 'string') return { why: found }
  const [first] = templateOf(one.object).containers ?? []
  const container = found.name === first?.name ? undefined : found.name
  const values = podFailure(kind, container)
  return { on: one.object, values, ...(container === undefined ? {} : { container }) }
}

function makesNoPods(one: TonightObject, { hooksCanBeMarked }: Tonight): string | undefined {
  const { object, fate, isHook = false } = one
  const { paused, suspend, replicas = 1 } = specOf(object)
  if (!hasPods(one)) return 'makes no pods in a deploy'
  if (isHook && !hooksCanBeMarked) return 'is a hook, which helm 3 lets nobody change'
  // Its template is fixed: it would be made anew, which tonight's deploy does not do.
  if (object.kind === 'Job' && fate === 'left') return 'does not run tonight'
  if (suspend === true) return 'is suspended'
  if (paused === true) return 'is paused'
  if (workloadIs(object.kind, 'isScaled') && replicas === 0) return 'has no pods (replicas: 0)'
  return fate === 'created' ? undefined : keepsItsPods(object)
}

function keepsItsPods(object: KubeObject): string | undefined {
  const { replicas = 1, ordinals, updateStrategy } = specOf(object)
  if (updateStrategy?.type === 'OnDelete') return 'keeps its pods until they are deleted (updateStrategy: OnDelete)'
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0
  const isAll = partition > 0 && partition >= replicas + (ordinals?.start ?? 0)
  return isAll ? `keeps its pods (partition: ${partition})` : undefined
}

/** From here on a pod that is ready for a second is not available yet: that long a flapping one is ready at a time. */
export const FLAPS_SECONDS = 2

function containerFor(kind: FailureKind, object: KubeObject): ContainerSpec | string {
  const { containers = [], initContainers = [] } = templateOf(object)
  const isJob = object.kind === 'Job'
  if (kind === 'liveness' || kind === 'never-ready' || kind === 'flapping')
    return isJob ? 'is a Job, which no probe holds back' : probedFor(kind, object)
  if (kind === 'init')
    return initContainers.find(({ restartPolicy }) => restartPolicy !== 'Always') ?? 'has no init container that ends'
  if (kind === 'job' && !isJob) return 'is no Job'
  return containers[0] ?? 'has no container'
}

function probedFor(kind: 'liveness' | 'never-ready' | 'flapping', object: KubeObject): ContainerSpec | string {
  const { containers = [] } = templateOf(object)
  if (kind === 'liveness') return livenessFor(object, containers)
  if (kind === 'flapping' && (specOf(object).minReadySeconds ?? 0) < FLAPS_SECONDS)
    return `counts as ready in the moment in which it is, tonight as well: it takes minReadySeconds of ${FLAPS_SECONDS} or more`
  return containers.find(({ readinessProbe }) => readinessProbe !== undefined) ?? 'has no readiness probe'
}

/** So long a pod without a readiness probe must run before it counts (readiness/settle.ts). */
const SETTLES_SECONDS = JUDGE_DEFAULTS.settleMs / 1000

/**
 * The container whose liveness probe kills it before a deploy is done with it: with a readiness probe, which fails as well, or
 * within the time for which it has to run.
 */
function livenessFor(object: KubeObject, containers: readonly ContainerSpec[]): ContainerSpec | string {
  const probed = containers.filter((one) => killedAfter(one) !== undefined)
  const [first] = probed
  if (first === undefined) return 'has no liveness probe'
  const { minReadySeconds = 0 } = specOf(object)
  const patience = minReadySeconds > 0 ? minReadySeconds : SETTLES_SECONDS
  const found = probed.find((one) => one.readinessProbe !== undefined || (killedAfter(one) ?? 0) < patience)
  const seconds = killedAfter(first) ?? 0
  return (
    found ??
    `is ready before its liveness probe kills it (after ${seconds} s), tonight as well: it takes a readiness probe, or minReadySeconds of more than ${seconds}`
  )
}

/** How long (s) a container runs whose liveness probe never succeeds, as Kubernetes counts it with its defaults; undefined: it has none. */
function killedAfter(container: ContainerSpec): number | undefined {
  const probe = isMap(container) ? container['livenessProbe'] : undefined
  if (!isMap(probe)) return undefined
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe
  return Number(initialDelaySeconds) + Number(periodSeconds) * Number(failureThreshold)
}

function claimSpot({ object, fate }: TonightObject, { objects, claims }: Tonight): Spot | Nowhere {
  const { namespace } = object.metadata
  const template = fate === 'created' ? newTemplate(object, claims) : undefined
  if (template !== undefined) return { on: object, values: claimFailure(template) }
  const mounts = new Set((templateOf(object).volumes ?? []).map(({ persistentVolumeClaim: claim }) => claim?.claimName))
  const made = objects.find(
    (one) =>
      one.object.kind === 'PersistentVolumeClaim' &&
      one.fate === 'created' &&
      one.object.metadata.namespace === namespace &&
      mounts.has(one.object.metadata.name) &&
      isProvisioned(one.object),
  )
  return made === undefined
    ? { why: 'gets no new volume tonight: it takes a claim that is not there yet' }
    : { on: made.object, values: claimFailure() }
}

/** Of a StatefulSet: the first of its claims that its controller makes. */
function newTemplate(object: KubeObject, claims: ReadonlySet<string>): string | undefined {
  const { volumeClaimTemplates } = (object['spec'] ?? {}) as Readonly<Record<string, unknown>>
  const first = specOf(object).ordinals?.start ?? 0
  const templates: readonly unknown[] =
    object.kind === 'StatefulSet' && Array.isArray(volumeClaimTemplates) ? volumeClaimTemplates : []
  return templates.flatMap((one) => {
    const name = isMap(one) && isMap(one['metadata']) ? one['metadata']['name'] : undefined
    if (typeof name !== 'string' || !isProvisioned(one)) return []
    const { namespace = '' } = object.metadata
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace }
    return claims.has(keyOf({ ...claim, name: `${name}-${object.metadata.name}-${first}` })) ? [] : [name]
  })[0]
}

/** An empty class asks for a volume that somebody has made (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1). */
function isProvisioned(claim: unknown): boolean {
  const spec = isMap(claim) ? claim['spec'] : undefined
  return !isMap(spec) || (spec['storageClassName'] !== '' && spec['volumeName'] === undefined)
}
