import type { ErrorCode } from '../../errors.ts'
import { kubectl, type Hint } from '../../hint.ts'
import type { FailureFacts, JudgeOptions, PodPointer } from './model.ts'
import type { ObservedObject, IndexedObjectCache } from './object-cache.ts'
import type { VerdictCode } from '../../verdict-codes.ts'

/**
 * Something that looks wrong, found by one rule on one object. It becomes a failure when it is due; until then it is the
 * reason that progress shows, and what a timeout is explained with.
 */
export interface Symptom extends FailureFacts {
  readonly code: ErrorCode
  /** Continues the name of the target: `cannot start: it exits with status 1 at once, 3 times`. */
  readonly message: string
  /** What keeps it from starting, where that is what the message says (`cannotStart`). */
  readonly why?: string
  readonly brief: string
  /** The object that shows it; the chain of causes leads there. */
  readonly on: ObservedObject
  /** What comes after that object in the chain: a container, a Secret. */
  readonly below: readonly string[]
  readonly pod?: PodPointer
  readonly hint: Hint
  /** From when on it counts; Infinity: only when time runs out. */
  readonly dueAt: number
  /** Place of its evidence in the order of events: evidence from before the baseline does not count. */
  readonly seq: number
  /** Key of another workload that is to blame: this one only waits for it. */
  readonly root?: string
}

/** Of a pod that does not start. Who waits for it tells why, without the first words. */
export function cannotStart(why: string): Pick<Symptom, 'message' | 'why'> {
  return { message: `cannot start: ${why}`, why }
}

/** How another workload stands, for those that wait for it. */
export interface Standing {
  readonly ready: boolean
  /** Why it is not. */
  readonly reason: string
  /** The deepest thing that looks wrong with it, and the way from it (itself not included) down to there. */
  readonly symptom: Symptom | undefined
  readonly chain: readonly string[]
  /** Names of the pods in that chain. */
  readonly pods: readonly string[]
}

/** What a rule may look at. */
export interface RuleContext {
  readonly cache: IndexedObjectCache
  readonly options: JudgeOptions
  readonly at: number
  /** Crashes that a container had before this deploy. */
  readonly crashesBefore: (pod: ObservedObject, container: string) => number
  /** Its spec was changed since the baseline: what its status said before is past. */
  readonly hasGrown: (entry: ObservedObject) => boolean
  /** Not there at the baseline. */
  readonly isNew: (entry: ObservedObject) => boolean
  /** A command of kubectl in the judge's namespace. */
  readonly kubectl: (args: readonly string[]) => Hint
  /** Undefined: it is being judged already (two workloads that wait for each other). */
  readonly standingOf: (workload: ObservedObject) => Standing | undefined
}

export type PodRule = (pod: ObservedObject, context: RuleContext) => readonly Symptom[]

export const NEVER = Number.POSITIVE_INFINITY

/** Evidence that is counted against the baseline already. */
export const ALWAYS_FRESH = Number.POSITIVE_INFINITY

/** Room that is being freed may be all that is missing, but pods end somewhere all the time: not longer than this many graces. */
const MAX_GRACES = 6

/** When lack of room (nodes, quota) counts: a grace after it began and after the last pod that was ending is gone. */
export function dueWithoutRoom(began: number, graceMs: number, cache: IndexedObjectCache): number {
  const latest = began + MAX_GRACES * graceMs
  return cache.isFreeingRoom ? latest : Math.min(latest, Math.max(began, cache.roomFreedAt) + graceMs)
}

export function kubectlIn(namespace: string): (args: readonly string[]) => Hint {
  return (args) => kubectl(args, namespace)
}

export function describePod(pod: ObservedObject, context: RuleContext): Hint {
  return context.kubectl(['describe', 'pod', pod.object.metadata.name])
}

export function logsOf({ name, container, previous }: PodPointer, context: RuleContext): Hint {
  return context.kubectl(['logs', name, '--container', container, ...(previous ? ['--previous'] : [])])
}

/** Words of an Event or status for a message: one line, no noise of ids, not too long. */
export function words(text: string, limit = 160): string {
  const line = text
    .replace(/\s+/gu, ' ')
    .replace(/\(?[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}\)?/gu, '')
    .trim()
    .replace(/[.;,\s]+$/u, '')
  return line.length <= limit ? line : `${line.slice(0, limit - 1).trimEnd()}…`
}

/** What counts first when several symptoms are due: the cause that explains the others. A verdict without a rank does not compile. */
const RANK = {
  E_QUOTA: 1,
  E_ADMISSION: 2,
  E_VAULT_NOT_INJECTED: 2.5,
  E_CONTAINER_CONFIG: 3,
  E_IMAGE_PULL: 4,
  E_VOLUME: 5,
  E_UNSCHEDULABLE: 6,
  E_CONTAINER_START: 7,
  E_VAULT_TEMPLATE: 7.4,
  E_VAULT_INIT: 7.5,
  E_INIT_FAILED: 8,
  E_OOM_KILLED: 9,
  E_CRASH_LOOP: 10,
  E_EVICTED: 11,
  E_PROBE_FAILING: 12,
  E_JOB_FAILED: 13,
  E_LOAD_BALANCER: 14,
  E_INIT_STUCK: 15,
  E_NO_OPERATOR: 16,
  E_RESOURCE_STALLED: 17,
  E_PROGRESS_DEADLINE: 18,
  E_STAGE_TIMEOUT: 19,
} as const satisfies Readonly<Record<VerdictCode, number>>

export function deepest(symptoms: readonly Symptom[]): Symptom | undefined {
  return symptoms.reduce<Symptom | undefined>(
    (best, symptom) => (best === undefined || rankOf(symptom) < rankOf(best) ? symptom : best),
    undefined,
  )
}

export function rankOf({ code }: Pick<Symptom, 'code'>): number {
  return Object.hasOwn(RANK, code) ? RANK[code as VerdictCode] : RANK.E_STAGE_TIMEOUT
}

/** Names of the pods on a way. */
export function podsIn(path: readonly ObservedObject[]): string[] {
  return path.flatMap(({ object }) => (object.kind === 'Pod' ? object.metadata.name : []))
}
