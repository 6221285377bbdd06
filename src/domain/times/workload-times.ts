import type { ObjectRef } from '../kube.ts'
import type { JournalTimes, TimedPod, TimedStep, TimedWorkload } from '../journal/times.ts'
import type { StageTargets } from '../stages/stages.ts'
import { ownKey, type PodTimes, type SeenPod } from './pod-times.ts'

/** How a workload stood, as somebody was told. */
export interface SeenStanding {
  readonly ref: ObjectRef
  readonly state: 'ready' | 'progressing' | 'paused' | 'failed'
  readonly text: string
}

interface SeenWorkload {
  readyAt?: number
  failedAt?: number
  backAt?: number
  reason: string
}

/** When workloads were ready or had failed: milliseconds of the observer's wall clock. */
export class WorkloadTimes {
  readonly #seen = new Map<string, SeenWorkload>()

  /** `isBack`: of the watch during the rollback. */
  hear({ ref, state, text }: SeenStanding, at: number, isBack: boolean): void {
    const key = keyOf(ref)
    const seen = this.#seen.get(key) ?? { reason: '' }
    this.#seen.set(key, seen)
    if (state === 'failed' && !isBack) seen.failedAt ??= at
    if (state !== 'ready') {
      // What was ready for a moment only is not.
      if (isBack) delete seen.backAt
      else delete seen.readyAt
      if (!isBack) seen.reason = text
    } else if (isBack) seen.backAt ??= at
    else seen.readyAt ??= at
  }

  of(ref: ObjectRef): SeenWorkload | undefined {
    return this.#seen.get(keyOf(ref))
  }
}

export interface Seen {
  readonly steps: readonly TimedStep[]
  readonly stages: readonly StageTargets[]
  /** The environment's. */
  readonly namespace: string
  readonly pods: PodTimes
  readonly workloads: WorkloadTimes
  /** What may be kept of a text; before it is cut. */
  readonly mask: (text: string) => string
}

/** Workloads that are told of. */
const WORKLOADS = 60
const LONGEST = 200
/** Of each workload: those that had trouble. */
const FAILED = 3

/** Of all that was seen, as much as a journal has room for. Undefined: nothing was. */
export function timesOf(seen: Seen): JournalTimes | undefined {
  const { steps, stages } = seen
  if (steps.length === 0) return undefined
  const placed = stages.flatMap(({ name: stage, targets }) =>
    targets.map((target) => ({ stage, ref: { ...target, namespace: target.namespace ?? seen.namespace } })),
  )
  const pods = seen.pods.below(new Set(placed.map(({ ref }) => keyOf(ref))))
  const all = placed.map(({ stage, ref }) => workloadOf(stage, ref, pods.get(keyOf(ref)) ?? [], seen))
  const told = new Set(all.toSorted((one, other) => weight(other) - weight(one)).slice(0, WORKLOADS))
  const workloads = all.filter((one) => told.has(one))
  const more = all.length - workloads.length
  return { steps, workloads, ...(more === 0 ? {} : { more }) }
}

function weight({ failedAt, readyAt, pods }: TimedWorkload): number {
  if (failedAt !== undefined) return 3
  if (readyAt === undefined) return 2
  return pods.length > 0 ? 1 : 0
}

function workloadOf(stage: string, ref: ObjectRef, pods: readonly SeenPod[], seen: Seen): TimedWorkload {
  const { kind, name, namespace } = ref
  const chosen = chosenOf(pods)
  const morePods = pods.length - chosen.length
  const { readyAt, failedAt, backAt, reason = '' } = seen.workloads.of(ref) ?? {}
  return {
    stage,
    kind,
    name,
    ...(namespace === undefined || namespace === seen.namespace ? {} : { namespace }),
    ...when({ readyAt, failedAt, backAt }),
    ...(readyAt !== undefined || reason === '' ? {} : { reason: cut(seen.mask(reason)) }),
    pods: chosen.map((pod) => podOf(pod, seen.mask)),
    ...(morePods === 0 ? {} : { morePods }),
  }
}

/** Those that failed, the first that was ready, and the one that took longest; in the order in which they were made. */
function chosenOf(pods: readonly SeenPod[]): SeenPod[] {
  const failed = pods.filter(({ troubles, readyAt }) => troubles.length > 0 || readyAt === undefined).slice(0, FAILED)
  const ready = pods.filter(({ readyAt }) => readyAt !== undefined)
  const first = ready.toSorted((one, other) => (one.readyAt ?? 0) - (other.readyAt ?? 0)).slice(0, 1)
  const slowest = ready.toSorted((one, other) => tookOf(other) - tookOf(one)).slice(0, 1)
  const chosen = new Set([...failed, ...first, ...slowest])
  return pods.filter((pod) => chosen.has(pod))
}

function tookOf({ createdAt, readyAt = createdAt }: SeenPod): number {
  return readyAt - createdAt
}

function podOf(pod: SeenPod, mask: (text: string) => string): TimedPod {
  const { name, node, createdAt, scheduledAt, initializedAt, startedAt, readyAt, goneAt, restarts, troubles } = pod
  return {
    name,
    ...(node === undefined ? {} : { node }),
    createdAt: isoTime(createdAt),
    ...when({ scheduledAt, initializedAt, startedAt, readyAt, goneAt }),
    ...(restarts === 0 ? {} : { restarts }),
    ...(troubles.length === 0
      ? {}
      : {
          troubles: troubles.map(({ at, message, ...one }) => ({
            at: isoTime(at),
            ...one,
            ...(message === undefined ? {} : { message: cut(mask(message)) }),
          })),
        }),
  }
}

function when<Name extends string>(times: Readonly<Record<Name, number | undefined>>): { [name in Name]?: string } {
  const found = Object.entries<number | undefined>(times).flatMap(([name, at]) =>
    at === undefined ? [] : [[name, isoTime(at)] as const],
  )
  return Object.fromEntries(found) as { [name in Name]?: string }
}

function keyOf({ kind, name, namespace = '' }: ObjectRef): string {
  return ownKey({ kind, metadata: { name, namespace } })
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
