/**
 * What the readiness domain tells and is told. Times (`at`) are milliseconds of the observer's monotonic clock, given by
 * the caller; timestamps written by the cluster are used for wording only, because its clock may be wrong.
 */
import type { ErrorCode } from '../../errors.ts'
import type { Hint } from '../../hint.ts'
import type { KindRef, KubeObject, ObjectRef } from '../kube.ts'
import type { OperatorLack } from '../operators/lack.ts'

/** What a watch reports of one object (the port `ClusterWatcher` yields these in batches). */
export type ObjectEvent =
  { readonly type: 'set'; readonly object: KubeObject } | { readonly type: 'gone'; readonly object: KubeObject }

/** A kind to watch; the field selector spares the stream what no rule reads. */
export interface WatchedKind extends KindRef {
  readonly fieldSelector?: string
  /** Left out when the cluster does not serve it or the user may not read it: it explains, but decides nothing. */
  readonly optional?: boolean
  /** Another one than the watch's own. */
  readonly namespace?: string
}

/** What is waited for. `namespace` undefined: in the judge's own. */
export interface Target extends KindRef {
  readonly name: string
  readonly namespace?: string
  /** What people call it, where that is another name. */
  readonly label?: string
  /** A hook for which helm itself has waited: once helm has ended well, one that is gone counts as done. */
  readonly vanishes?: boolean
  /** Its chart itself has it suspended or asleep: that is what is waited for. */
  readonly rests?: boolean
}

export interface Counts {
  readonly ready: number
  readonly wanted: number
}

/** Whose log shows the failure; `previous`: the log of the container's last run, not of the present one. */
export interface PodPointer {
  readonly name: string
  readonly container: string
  readonly previous: boolean
  /** Set in a verdict. */
  readonly namespace?: string
}

export interface Ready {
  readonly state: 'ready'
  readonly detail: string
  /** What a person has to know all the same: pods that stay as they are, a controller that has not answered. */
  readonly remark?: string
  /** With a remark: the command that ends it. */
  readonly hint?: Hint
}

export interface Progressing {
  readonly state: 'progressing'
  readonly reason: string
  readonly counts?: Counts
}

/** Somebody stopped the rollout (`spec.paused`, `spec.suspend`): time alone changes nothing. */
export interface Paused {
  readonly state: 'paused'
  readonly reason: string
  /** The command that goes on. */
  readonly hint?: Hint
}

/** What a failure is about, for whoever looks for what is responsible: nothing has to be read from its sentences. */
export interface FailureFacts {
  /** That cannot be pulled. */
  readonly image?: string
  /** The Secret or ConfigMap that is missing, or a key of it. */
  readonly missing?: { readonly kind: string; readonly name: string }
  /** Names of the pods in its chain, outermost first. */
  readonly pods?: readonly string[]
}

export interface Failure extends FailureFacts {
  readonly state: 'failed'
  readonly code: ErrorCode
  /** One sentence without a full stop: `app cannot start: it exits with status 1 at once, 3 times`. */
  readonly message: string
  /** A few words for a line of progress: `3 crashes, 2 allowed`. */
  readonly brief: string
  /** Outermost first: `Deployment/app`, `ReplicaSet/app-7d9f`, `Pod/app-7d9f-x2k`, `app`. */
  readonly chain: readonly string[]
  readonly pod?: PodPointer
  readonly hint: Hint
  readonly healing: false
  /** Key of the workload that really is to blame, where this one only waits for it. */
  readonly root?: string
}

export type Verdict = Ready | Progressing | Paused | Failure

export interface WorkloadStanding {
  readonly kind: string
  readonly name: string
  readonly verdict: Verdict
  /** Undefined: it has no pods to count, or is not there. */
  readonly counts: Counts | undefined
  /** Old pods serve on while the new ones are not ready: how many of each are. */
  readonly serving: { readonly old: Counts; readonly fresh: Counts } | undefined
}

/** What helm left behind, read after it exited with 0. */
export interface Expectation {
  readonly ref: ObjectRef
  /** Undefined: made anew in this deploy, and gone again (a Job that has ended). */
  readonly uid: string | undefined
  /** 0 for kinds without generation. */
  readonly generation: number
}

export interface JudgeOptions {
  /** False: judges what there is (`forge status`), without baseline and without waiting for helm. Default true. */
  readonly sinceBaseline: boolean
  /** Whatever is there counts as what was written: nobody saw how it was before. Default false. */
  readonly isAllNew: boolean
  /** Of the pods that a Deployment, StatefulSet or DaemonSet wants, so many percent are enough. */
  readonly minReadyPercent: number
  /** How long a pod without readiness probe must keep running (ms). `minReadySeconds` replaces it. */
  readonly settleMs: number
  readonly crashesAllowed: number
  /** Kills for memory that are allowed: the same limit meets the same program again. */
  readonly oomKillsAllowed: number
  readonly evictionsAllowed: number
  /** A pod that no node takes fails after this, unless an autoscaler said that it adds a node. */
  readonly unschedulableGraceMs: number
  /** Pull errors that a network or a registry may get over. */
  readonly pullGraceMs: number
  /** Mount, attach and provisioning errors that may heal. */
  readonly volumeGraceMs: number
  /** Rejections that end by themselves: a webhook that starts, a service account that is being made. */
  readonly admissionGraceMs: number
  /** A quota that is used up while old pods still end: they give room. */
  readonly quotaGraceMs: number
  /** Errors that forge does not know: how long one must last before it counts. */
  readonly unknownErrorGraceMs: number
  /**
   * `prod/Secret/app-tls`: what forge or a release writes before any pod starts. Its absence counts at once; what is not among
   * them may be on its way from another controller and has `missingGraceMs`. Undefined: nobody knows, all counts at once.
   */
  readonly ownObjects: ReadonlySet<string> | undefined
  readonly missingGraceMs: number
  /** What something else makes, by the same keys: it has that time too, and its makers are asked how they stand. */
  readonly makers: ReadonlyMap<string, readonly ObjectRef[]>
  /** A custom resource whose controller has written no status by then is taken as it is. */
  readonly statusGraceMs: number
  /** The same after its spec has changed, where its status does not tell which spec it is about. */
  readonly controllerGraceMs: number
  /** Vault's agent, which tries again for long what it may not do, and what Vault has not yet. */
  readonly vaultGraceMs: number
  /**
   * Why nobody acts on a resource, as far as that was looked at; asked anew each time. What was seen before `since` is old: that
   * is looked at anew, and told as old until it is known. Whoever gives this calls `reconsider` when something new is known.
   */
  readonly actorOf: (object: KubeObject, since: number) => OperatorLack | undefined
}

/** What a stage of forge.yaml may set: how much is enough, windows of grace, the budget of errors. */
export type StageRules = Partial<
  Pick<
    JudgeOptions,
    | 'minReadyPercent'
    | 'settleMs'
    | 'crashesAllowed'
    | 'oomKillsAllowed'
    | 'evictionsAllowed'
    | 'unschedulableGraceMs'
    | 'pullGraceMs'
    | 'volumeGraceMs'
    | 'admissionGraceMs'
    | 'quotaGraceMs'
    | 'missingGraceMs'
    | 'statusGraceMs'
    | 'controllerGraceMs'
    | 'vaultGraceMs'
    | 'unknownErrorGraceMs'
  >
>

export const JUDGE_DEFAULTS: JudgeOptions = {
  sinceBaseline: true,
  isAllNew: false,
  minReadyPercent: 100,
  settleMs: 3_000,
  crashesAllowed: 2,
  oomKillsAllowed: 1,
  evictionsAllowed: 2,
  unschedulableGraceMs: 10_000,
  pullGraceMs: 60_000,
  volumeGraceMs: 60_000,
  admissionGraceMs: 10_000,
  quotaGraceMs: 10_000,
  unknownErrorGraceMs: 10_000,
  ownObjects: undefined,
  missingGraceMs: 60_000,
  makers: new Map(),
  statusGraceMs: 10_000,
  controllerGraceMs: 30_000,
  vaultGraceMs: 30_000,
  actorOf: () => undefined,
}

export interface PodFacts {
  readonly name: string
  readonly ready: boolean
  /** Of a revision that the rollout replaces. */
  readonly old: boolean
  readonly terminating: boolean
  /** Restarts of its containers since the baseline. */
  readonly restarts: number
  /** Not there at the baseline. */
  readonly created: boolean
  readonly node: string | undefined
  readonly containers: readonly string[]
}

/** All that the watch has told so far, indexed by owner and by the object that an Event speaks of. */
export interface ObjectCache {
  /** `at`: when the batch arrived. */
  apply(events: readonly ObjectEvent[], at: number): void
  get(ref: ObjectRef): KubeObject | undefined
  /** The same; of a Job that is gone, as it was at its end. */
  lastSeen(ref: ObjectRef): KubeObject | undefined
  /** The pods below an object, whoever stands between. */
  podsOf(ref: ObjectRef): readonly KubeObject[]
  /** Objects held, for tests and `--events`. */
  readonly size: number
}

export interface Judge {
  /** Adds what is waited for, by the rules of its stage; may be called again (a later release). */
  watch(targets: readonly Target[], rules?: StageRules): void
  /** Remembers what there is before helm runs. Call it after the watch's initial batch was applied. */
  takeBaseline(): void
  /** forge is about to mark objects that helm has not written yet, by uid; then: as they are since (see Baseline). */
  marking(uids: readonly string[]): void
  marked(objects: readonly KubeObject[]): void
  /**
   * Helm exited with 0 and left these. Until then nothing is ready; from then on a target is ready only with this uid and
   * at least this generation, observed. Targets that are not among them are judged as they are.
   */
  written(expectations: readonly Expectation[]): void
  /** Something beside the objects has changed (`actorOf`): all targets are judged anew when they are asked for. */
  reconsider(): void
  /** Cheap when nothing touched the target since the last call and no deadline of it has passed. */
  verdict(target: Target, at: number): Verdict
  /** The targets whose verdict may have changed (by events or because a deadline passed); clears the list. */
  dirty(at: number): readonly Target[]
  /** When to judge again although nothing happens; undefined: only an event can change anything. Absolute, like `at`. */
  nextDeadline(at: number): number | undefined
  /** The verdict with its counts, for whoever tells of it. */
  standing(target: Target, at: number): WorkloadStanding
  podsOf(target: Target): readonly PodFacts[]
  /** Pods of a Job (or the pod itself) that were made since the baseline; those that are gone again too, as they were last. */
  madePods(target: Target): readonly { readonly pod: KubeObject; readonly gone: boolean }[]
  /** Container restarts of the target's current pods since the baseline. */
  restartsOf(target: Target): number
  /** True when pods of the target were made since the baseline (a rollout, not only a check). */
  restarted(target: Target): boolean
  /** Everything is judged by now and not ready: one cause for the whole stage, the deepest known (E_STAGE_TIMEOUT if none is). */
  timedOut(
    stage: { readonly name: string; readonly targets: readonly Target[]; readonly timeoutMs: number },
    at: number,
  ): Failure
  /** How many verdicts were really computed: the tests hold it against the number of events. */
  readonly judged: number
}
