import type { KubeObject } from '../kube.ts'
import { conditionOf, isTrue } from '../readiness/conditions.ts'
import type { ObjectEvent } from '../readiness/model.ts'
import {
  containerStatusesOf,
  isSidecar,
  podSpecOf,
  podStatusOf,
  restartsOf,
  type ContainerStatus,
} from '../readiness/shapes.ts'

/** What a pod has come to, and when that was seen: milliseconds of the observer's wall clock. */
export interface SeenPod {
  readonly name: string
  readonly owner: string | undefined
  readonly createdAt: number
  node?: string
  scheduledAt?: number
  initializedAt?: number
  startedAt?: number
  readyAt?: number
  goneAt?: number
  restarts: number
  readonly troubles: SeenTrouble[]
}

export interface SeenTrouble {
  readonly at: number
  readonly container?: string
  readonly reason: string
  readonly message?: string
}

/** Of each pod; what comes after them is more of the same. */
const TROUBLES = 6
/** A pod that is being started says this. */
const NO_TROUBLE = ['ContainerCreating', 'PodInitializing']

/**
 * When pods that are made under watch come to what they are: first sights, so one clock tells all of them, and no request is made for
 * it. Those that were there before are not told of.
 */
export class PodTimes {
  readonly #pods = new Map<string, SeenPod>()
  readonly #old = new Set<string>()
  /** By uid: what stands between a pod and the workload that a stage names. */
  readonly #owners = new Map<string, { readonly key: string; readonly owner: string | undefined }>()

  #isOpen = false

  /** `isFirst`: what a watch lists at its beginning; of several watches of the same objects that of the first counts. */
  hear(events: readonly ObjectEvent[], at: number, isFirst: boolean): void {
    const isOld = isFirst && !this.#isOpen
    this.#isOpen ||= isFirst
    for (const { type, object } of events) {
      const { uid } = object.metadata
      if (uid === undefined || object.kind === 'Event') continue
      if (object.kind !== 'Pod') this.#owners.set(uid, { key: ownKey(object), owner: ownerOf(object) })
      else if (type === 'set') this.#see(uid, object, at, isOld)
      else this.#bury(uid, at)
    }
  }

  /** Those below each of these workloads, by `ownKey`, in the order in which they were seen. */
  below(workloads: ReadonlySet<string>): ReadonlyMap<string, readonly SeenPod[]> {
    const pods = [...this.#pods.values()]
    return Map.groupBy(pods, ({ owner }) => this.#above(owner, workloads) ?? '')
  }

  #above(owner: string | undefined, workloads: ReadonlySet<string>): string | undefined {
    let uid = owner
    for (let depth = 0; uid !== undefined && depth < 10; depth += 1) {
      const found = this.#owners.get(uid)
      if (found !== undefined && workloads.has(found.key)) return found.key
      uid = found?.owner
    }
    return undefined
  }

  #see(uid: string, object: KubeObject, at: number, isOld: boolean): void {
    if (this.#old.has(uid)) return
    let pod = this.#pods.get(uid)
    if (pod === undefined) {
      if (isOld) return void this.#old.add(uid)
      pod = { name: object.metadata.name, owner: ownerOf(object), createdAt: at, restarts: 0, troubles: [] }
      this.#pods.set(uid, pod)
    }
    note(pod, object, at)
    noteTroubles(pod, object, at)
  }

  #bury(uid: string, at: number): void {
    const pod = this.#pods.get(uid)
    if (pod !== undefined) pod.goneAt ??= at
  }
}

/** Within all that one watch sees; the version of its API makes no difference. */
export function ownKey(object: {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}): string {
  return `${object.metadata.namespace ?? ''}/${object.kind}/${object.metadata.name}`
}

function note(pod: SeenPod, object: KubeObject, at: number): void {
  const { conditions, phase } = podStatusOf(object)
  const { nodeName } = podSpecOf(object)
  if (nodeName !== undefined) {
    pod.node ??= nodeName
    pod.scheduledAt ??= at
  }
  if (hasInit(object) && isTrue(conditions, 'Initialized')) pod.initializedAt ??= at
  if (allRun(object)) pod.startedAt ??= at
  // A pod of a Job is never ready for long: that it has ended well is what it is for.
  if (isTrue(conditions, 'Ready') || phase === 'Succeeded') pod.readyAt ??= at
}

function noteTroubles(pod: SeenPod, object: KubeObject, at: number): void {
  const { conditions, reason, message, phase } = podStatusOf(object)
  pod.restarts = Math.max(pod.restarts, restartsOf(object))
  const scheduled = conditionOf(conditions, 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason !== undefined)
    trouble(pod, { at, reason: scheduled.reason, ...said(scheduled.message) })
  if (phase === 'Failed' && reason !== undefined) trouble(pod, { at, reason, ...said(message) })
  for (const status of containerStatusesOf(object)) noteContainer(pod, status, at)
}

function noteContainer(pod: SeenPod, { name, state, lastState }: ContainerStatus, at: number): void {
  for (const end of [lastState?.terminated, state?.terminated]) {
    if (end === undefined || end.exitCode === 0) continue
    const message = `status ${end.exitCode}${end.signal === undefined ? '' : `, signal ${end.signal}`}`
    trouble(pod, { at, container: name, reason: end.reason ?? 'Error', message })
  }
  const waiting = state?.waiting
  if (waiting?.reason !== undefined && !NO_TROUBLE.includes(waiting.reason))
    trouble(pod, { at, container: name, reason: waiting.reason, ...said(waiting.message) })
}

/** The same is told once; how often a container ended is counted beside it. */
function trouble({ troubles }: SeenPod, one: SeenTrouble): void {
  const isKnown = troubles.some(({ container, reason }) => container === one.container && reason === one.reason)
  if (!isKnown && troubles.length < TROUBLES) troubles.push(one)
}

function said(message: string | undefined): { readonly message?: string } {
  return message === undefined || message === '' ? {} : { message }
}

function allRun(pod: KubeObject): boolean {
  const { containers = [] } = podSpecOf(pod)
  const { containerStatuses = [] } = podStatusOf(pod)
  return containers.length > 0 && containerStatuses.filter(hasRun).length >= containers.length
}

function hasRun({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined
}

function hasInit(pod: KubeObject): boolean {
  return (podSpecOf(pod).initContainers ?? []).some(({ name }) => !isSidecar(pod, name))
}

function ownerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid
}
