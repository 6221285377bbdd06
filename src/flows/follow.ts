import { keyOf, placedIn, type KubeObject, type ObjectRef } from '../domain/kube.ts'
import { rootFailure } from '../domain/readiness/failure.ts'
import { watchedKinds } from '../domain/readiness/kinds.ts'
import type { Expectation, Failure, Judge, Target, WatchedKind, ObjectCache } from '../domain/readiness/model.ts'
import { stageStanding, type StageStanding } from '../domain/stages/standing.ts'
import type { StageTargets } from '../domain/stages/stages.ts'
import type { Clock, ClusterWatcher } from '../ports.ts'
import type { Standing } from './run-events.ts'

export interface FollowPorts {
  readonly cluster: ClusterWatcher
  readonly clock: Clock
  readonly cache: ObjectCache
  readonly judge: Judge
  /** Of each workload that something has touched, how it stands. */
  readonly tell?: ((standing: Standing) => void) | undefined
  /** Takes in what the watch lists at its beginning, where that is not as old as the watch. */
  readonly first?: ((objects: readonly KubeObject[], at: number) => void) | undefined
}

export interface StageFailure {
  readonly stage: string
  readonly target: ObjectRef
  readonly failure: Failure
}

export type StageEnd =
  { readonly state: 'ready' } | { readonly state: 'left' } | { readonly state: 'failed'; readonly failed: StageFailure }

export type OnChange = (standing: StageStanding) => void

interface Running extends StageTargets {
  readonly end: PromiseWithResolvers<StageEnd>
  onChange: OnChange
  startedAt: number | undefined
  done: boolean
}

/**
 * One watch for all stages. Stages become ready in order; a failure counts in whatever stage it is (docs/design.md,
 * "Waiting"). Between events nothing runs but one timer, set to the next moment at which a verdict can change.
 */
export class Follower {
  readonly judge: Judge
  readonly cache: ObjectCache
  readonly #clock: Clock
  readonly #tells: FollowPorts['tell']
  readonly #takesIn: FollowPorts['first']
  readonly #namespace: string
  readonly #stages: readonly Running[]
  readonly #kinds: readonly WatchedKind[]
  readonly #stageOf: Map<string, Running>
  readonly #stopped = new AbortController()
  readonly #signal: AbortSignal
  readonly #opened = Promise.withResolvers<undefined>()
  readonly #failed = Promise.withResolvers<StageFailure>()
  readonly #looks = new Map<string, (() => void)[]>()
  readonly #ended: Promise<void>
  #timer = new AbortController()
  /** When the timer fires, by `now()`; infinite: none is set. */
  #due = Number.POSITIVE_INFINITY
  #released = false
  #blindSince: number | undefined
  #blindMs = 0
  /** A failure may come before helm has exited: what is ready can only be said after that. */
  #first: StageFailure | undefined

  constructor(
    { cluster, clock, judge, cache, tell, first }: FollowPorts,
    stages: readonly StageTargets[],
    namespace: string,
    signal: AbortSignal,
    kinds: readonly WatchedKind[] = kindsOf(stages, namespace),
  ) {
    this.judge = judge
    this.cache = cache
    this.#clock = clock
    this.#tells = tell
    this.#takesIn = first
    this.#namespace = namespace
    this.#kinds = kinds
    this.#signal = AbortSignal.any([signal, this.#stopped.signal])
    this.#stages = stages.map(running)
    this.#stageOf = new Map(
      this.#stages.flatMap((stage) => stage.targets.map((target) => [keyOf(target), stage] as const)),
    )
    for (const { targets, rules } of stages) judge.watch(targets, rules)
    // Whoever awaits a stage hears of it; a broken watch that nobody awaits (yet) must not end the process.
    for (const { end } of this.#stages) end.promise.catch(() => undefined)
    this.#opened.promise.catch(() => undefined)
    const broken = (reason: unknown): void => this.#break(reason)
    this.#ended = this.#watch(cluster).then(() => broken(this.#signal.reason), broken)
  }

  /** Resolves when all watches are open and everything that existed is known. */
  get open(): Promise<unknown> {
    return this.#opened.promise
  }

  /**
   * Adds what no stage waits for, but whose failure counts until it is left again: the hooks on which helm waits itself.
   * Leaving gives the failure of one of them: no stage would tell it.
   */
  alongside(stage: StageTargets): { readonly leave: () => StageFailure | undefined } {
    const beside = running(stage)
    const added = stage.targets.map(keyOf).filter((key) => !this.#stageOf.has(key))
    for (const key of added) this.#stageOf.set(key, beside)
    this.judge.watch(stage.targets)
    return {
      leave: () => {
        for (const key of added) this.#stageOf.delete(key)
        return this.#first?.stage === stage.name ? this.#first : undefined
      },
    }
  }

  /** Resolves with the first failure of any stage; never, if there is none. */
  get failed(): Promise<StageFailure> {
    return this.#failed.promise
  }

  /** From now on things can become ready; the first stage's clock starts. `expect` is what helm left behind. */
  released(expect: readonly Expectation[]): void {
    this.judge.written(expect)
    this.#released = true
    if (this.#first === undefined) this.#evaluate()
    else this.#leave(this.#first)
  }

  /** The end of one stage: ready, failed itself, or left because another stage failed. Rejects when the watch breaks. */
  async stage(name: string, onChange: OnChange): Promise<StageEnd> {
    const stage = this.#stages.find((one) => one.name === name)
    if (stage === undefined) throw new Error(`no stage ${name} is followed`)
    stage.onChange = onChange
    this.#tell(stage, this.now())
    return await stage.end.promise
  }

  /**
   * The clock by which everything here is judged: it stands still while the API server cannot be reached. What nobody could have
   * seen happen is not late, so an outage ends no window and no stage; a long one ends the watch.
   */
  now(): number {
    return (this.#blindSince ?? this.#clock.monotonic()) - this.#blindMs
  }

  /** Calls `look` with each of these now, and with the one below which something has changed: for those who follow logs. */
  onTouch<T extends ObjectRef>(targets: readonly T[], look: (target: T) => void): void {
    for (const target of targets) {
      const key = keyOf(target)
      this.#looks.set(key, [...(this.#looks.get(key) ?? []), () => look(target)])
      look(target)
    }
  }

  /** What verdicts rest on beside the watch (who acts on a resource) is known anew. */
  reconsider(): void {
    this.judge.reconsider()
    this.#evaluate()
  }

  async close(): Promise<void> {
    this.#timer.abort()
    this.#stopped.abort()
    await this.#ended
  }

  async #watch(cluster: ClusterWatcher): Promise<void> {
    for await (const { initial, events, blind } of cluster.watch(this.#kinds, this.#namespace, this.#signal)) {
      if (blind !== undefined) this.#see(blind)
      if (!initial || this.#takesIn === undefined) this.cache.apply(events, this.now())
      else
        this.#takesIn(
          events.map(({ object }) => object),
          this.now(),
        )
      if (initial) {
        this.judge.takeBaseline()
        this.#opened.resolve(undefined)
      }
      this.#evaluate()
    }
  }

  #see(isBlind: boolean): void {
    const at = this.#clock.monotonic()
    if (!isBlind) this.#blindMs += at - (this.#blindSince ?? at)
    this.#blindSince = isBlind ? at : undefined
  }

  #break(reason: unknown): void {
    this.#opened.reject(reason)
    for (const { end } of this.#stages) end.reject(reason)
  }

  #evaluate(): void {
    const at = this.now()
    const touched = this.judge.dirty(at).map((target) => {
      const ref = placedIn(target, this.#namespace)
      return { target, ref, key: keyOf(ref) }
    })
    for (const { key } of touched) for (const look of this.#looks.get(key) ?? []) look()
    if (this.#first !== undefined) return
    for (const { target, ref, key } of touched) this.#tellStanding(target, ref, this.#stageOf.get(key), at)
    const failed = touched.flatMap(({ target, ref, key }) => {
      const failure = this.judge.verdict(target, at)
      const stage = this.#stageOf.get(key)
      return failure.state === 'failed' && stage !== undefined ? [{ key, stage, ref, failure }] : []
    })
    // What fails at one moment has one cause: whoever only waits for another one is not told.
    const root = rootFailure(failed)
    if (root !== undefined) return this.#fail(root.stage, root.ref, root.failure)
    if (this.#released) this.#settle(at)
    this.#arm(at)
  }

  #tellStanding(target: Target, ref: ObjectRef, stage: Running | undefined, at: number): void {
    if (stage === undefined || this.#tells === undefined) return
    this.#tells({ stage: stage.name, ref, ...this.judge.standing(target, at) })
  }

  #settle(at: number): void {
    const current = this.#finishReady(at)
    if (current !== undefined && at >= (current.stage.startedAt ?? at) + current.stage.timeoutMs) {
      this.#fail(current.stage, current.waiting, this.judge.timedOut(current.stage, at))
    }
  }

  /** Ends the stages that are ready, in order; returns the first that is not, and what it waits for. */
  #finishReady(at: number): { readonly stage: Running; readonly waiting: ObjectRef } | undefined {
    for (const stage of this.#stages) {
      if (stage.done) continue
      stage.startedAt ??= at
      const waiting = stage.targets.find((target) => this.judge.verdict(target, at).state !== 'ready')
      this.#tell(stage, at)
      if (waiting !== undefined) return { stage, waiting }
      stage.done = true
      stage.end.resolve({ state: 'ready' })
    }
    return undefined
  }

  #fail(stage: Running, target: ObjectRef, failure: Failure): void {
    this.#first ??= { stage: stage.name, target, failure }
    this.#failed.resolve(this.#first)
    if (this.#released) this.#leave(this.#first)
  }

  /** What is ready is told so, the failing stage why, and the rest that it was not reached. */
  #leave(failed: StageFailure): void {
    this.#finishReady(this.now())
    for (const one of this.#stages) {
      if (!one.done) one.end.resolve(one.name === failed.stage ? { state: 'failed', failed } : { state: 'left' })
      one.done = true
    }
  }

  /**
   * The one timer: the next moment at which a verdict, or a stage's time, runs out. One that fires before that is left, as
   * most events only put the moment off; then this is asked again.
   */
  #arm(at: number): void {
    const current = this.#stages.find(({ done }) => !done)
    const timeout = current?.startedAt === undefined ? Number.POSITIVE_INFINITY : current.startedAt + current.timeoutMs
    const next = Math.min(this.judge.nextDeadline(at) ?? Number.POSITIVE_INFINITY, timeout)
    const isIdle = current === undefined || !Number.isFinite(next) || this.#blindSince !== undefined
    if (!isIdle && this.#due <= next) return
    this.#timer.abort()
    this.#due = Number.POSITIVE_INFINITY
    if (isIdle) return
    this.#timer = new AbortController()
    this.#due = next
    const signal = AbortSignal.any([this.#timer.signal, this.#signal])
    this.#clock.after(Math.max(next - at, 0), signal).then(
      () => {
        this.#due = Number.POSITIVE_INFINITY
        this.#evaluate()
      },
      () => undefined,
    )
  }

  #tell({ targets, onChange }: Running, at: number): void {
    onChange(stageStanding(targets, this.judge, at, this.#blindSince !== undefined))
  }
}

/** What the targets of these stages need. */
export function kindsOf(stages: readonly StageTargets[], namespace: string): WatchedKind[] {
  return watchedKinds(
    stages.flatMap(({ targets }) => targets),
    namespace,
  )
}

function running(stage: StageTargets): Running {
  const end = Promise.withResolvers<StageEnd>()
  return { ...stage, end, onChange: () => undefined, startedAt: undefined, done: false }
}
