import { keyOf, placedIn, type KubeObject, type ObjectRef } from '../kube.ts'
import { absent, isOver } from './absent.ts'
import { beyondSpare, enoughDetail, neededPods } from './enough.ts'
import { failureOf, timeoutFailure } from './failure.ts'
import { Baseline } from './baseline.ts'
import {
  JUDGE_DEFAULTS,
  type Expectation,
  type Failure,
  type Judge,
  type JudgeOptions,
  type PodFacts,
  type StageRules,
  type Target,
  type Verdict,
  type WorkloadStanding,
} from './model.ts'
import { factsOf } from './pod-facts.ts'
import { settlingOf } from './settle.ts'
import { deepest, kubectlIn, type RuleContext, type Symptom, type Standing } from './symptom.ts'
import { restartsOf } from './shapes.ts'
import { symptomsOf, standingOf } from './standing.ts'
import { standsAs } from './workload-standing.ts'
import { unfinishedOf, type Judgement } from './unfinished.ts'
import { assess } from './workloads/assess.ts'
import { progressing, ready, readyPods, type Assessment } from './workloads/assessment.ts'
import type { ObservedObject, IndexedObjectCache } from './object-cache.ts'

export interface JudgeParts {
  readonly cache: IndexedObjectCache
  readonly namespace: string
  readonly options?: Partial<JudgeOptions>
}

export function createJudge(parts: JudgeParts): Judge {
  return new TargetJudge(parts)
}

interface Watched {
  readonly key: string
  readonly target: Target
  readonly options: JudgeOptions
  judgement: Judgement | undefined
}

class TargetJudge implements Judge {
  judged = 0
  private readonly cache: IndexedObjectCache
  private readonly namespace: string
  private readonly options: JudgeOptions
  private readonly baseline: Baseline
  private readonly targets = new Map<string, Watched>()
  /** Spares building a key for each of thousands of questions. */
  private readonly asked = new WeakMap<Target, Watched>()
  private readonly changed = new Set<string>()
  /** Workloads whose standing is being asked for: two that wait for each other end here. */
  private readonly asking = new Set<string>()

  constructor({ cache, namespace, options }: JudgeParts) {
    this.cache = cache
    this.namespace = namespace
    this.options = { ...JUDGE_DEFAULTS, ...options }
    this.baseline = new Baseline(this.options.sinceBaseline)
    cache.onTouch((key) => this.invalidate(key))
  }

  watch(targets: readonly Target[], rules: StageRules = {}): void {
    const options = { ...this.options, ...rules }
    for (const target of targets) {
      const key = keyOf(this.refOf(target))
      if (!this.targets.has(key)) this.targets.set(key, { key, target, options, judgement: undefined })
      this.changed.add(key)
    }
  }

  takeBaseline(): void {
    this.baseline.take(this.options.isAllNew ? undefined : this.cache)
    this.reconsider()
  }

  /** Around what forge itself writes of them: see Baseline. */
  marking(uids: readonly string[]): void {
    this.baseline.marking(uids)
  }

  marked(objects: readonly KubeObject[]): void {
    this.baseline.marked(objects)
    this.reconsider()
  }

  written(expectations: readonly Expectation[]): void {
    this.baseline.written(expectations)
    this.reconsider()
  }

  verdict(target: Target, at: number): Verdict {
    return this.judgement(target, at).verdict
  }

  dirty(at: number): readonly Target[] {
    for (const { key, judgement } of this.targets.values())
      if (judgement !== undefined && judgement.dueAt <= at) this.changed.add(key)
    const found = [...this.changed].flatMap((key) => this.targets.get(key)?.target ?? [])
    this.changed.clear()
    return found
  }

  nextDeadline(at: number): number | undefined {
    let next = Number.POSITIVE_INFINITY
    for (const { judgement } of this.targets.values())
      if (judgement !== undefined && judgement.dueAt > at) next = Math.min(next, judgement.dueAt)
    return Number.isFinite(next) ? next : undefined
  }

  standing(target: Target, at: number): WorkloadStanding {
    const { verdict, assessment } = this.judgement(target, at)
    return standsAs(target, verdict, assessment)
  }

  podsOf(target: Target): readonly PodFacts[] {
    const top = this.cache.entry(this.refOf(target)) ?? this.cache.goneJob(this.refOf(target))
    if (top === undefined) return []
    const { current, old } = assess(top, this.context(top.bornAt))
    return [
      ...current.map((pod) => factsOf(pod, false, this.baseline)),
      ...old.map((pod) => factsOf(pod, true, this.baseline)),
    ]
  }

  madePods(target: Target): readonly { readonly pod: KubeObject; readonly gone: boolean }[] {
    const ref = this.refOf(target)
    const top = this.cache.entry(ref) ?? this.cache.goneJob(ref)
    if (top === undefined) return []
    const living = top.object.kind === 'Pod' ? [top] : this.cache.podsBelow(top.uid)
    const all = [
      ...this.cache.buriedBy(top.uid).map((pod) => ({ pod, gone: true })),
      ...living.map((pod) => ({ pod, gone: false })),
    ]
    return all.filter(({ pod }) => this.baseline.isNew(pod)).map(({ pod, gone }) => ({ pod: pod.object, gone }))
  }

  restartsOf(target: Target): number {
    return this.podsOf(target).reduce((sum, { old, restarts }) => sum + (old ? 0 : restarts), 0)
  }

  restarted(target: Target): boolean {
    return this.podsOf(target).some(({ old, created }) => !old && created)
  }

  timedOut(
    stage: { readonly name: string; readonly targets: readonly Target[]; readonly timeoutMs: number },
    at: number,
  ): Failure {
    const context = this.context(at)
    const unfinished = stage.targets.flatMap((target) => unfinishedOf(target, this.judgement(target, at), context))
    return timeoutFailure(stage, unfinished, this.context(at, this.options, unfinished[0]?.target.namespace))
  }

  private judgement(target: Target, at: number): Judgement {
    const watched = this.asked.get(target) ?? this.remember(target)
    if (watched.judgement === undefined || watched.judgement.dueAt <= at)
      watched.judgement = this.judge(target, watched.options, at)
    return watched.judgement
  }

  private remember(target: Target): Watched {
    const key = keyOf(this.refOf(target))
    const watched = this.targets.get(key) ?? { key, target, options: this.options, judgement: undefined }
    this.targets.set(key, watched)
    this.asked.set(target, watched)
    return watched
  }

  private judge(target: Target, options: JudgeOptions, at: number): Judgement {
    this.judged += 1
    const ref = this.refOf(target)
    const gone = this.cache.goneJob(ref)
    // A Job that was seen to end stays what it was, whoever takes it away: its TTL, its chart or a person.
    const top = this.cache.entry(ref) ?? (gone !== undefined && isOver(gone.object) ? gone : undefined)
    if (top === undefined) {
      const kubectl = kubectlIn(ref.namespace ?? this.namespace)
      const verdict = absent({ target, key: keyOf(ref), gone }, this.baseline, kubectl)
      return { verdict, assessment: undefined, top, symptoms: [], dueAt: Number.POSITIVE_INFINITY }
    }
    const context = this.context(at, options, target.namespace)
    const assessment = this.asMeant(target, assess(top, context))
    const needed = neededPods(assessment, options.minReadyPercent)
    const symptoms = symptomsOf(assessment, context)
    const fresh = this.freshOf(symptoms)
    const counted = this.baseline.countsFailures(top) ? fresh : []
    const { verdict, until } = this.progress(top, assessment, needed, fresh, context)
    const isEnough = verdict.state === 'ready' && needed < assessment.expectedPods
    const due = isEnough
      ? undefined
      : deepest(
          beyondSpare(
            counted.filter(({ dueAt }) => dueAt <= at),
            assessment,
            needed,
          ),
        )
    if (due !== undefined) return { verdict: failureOf(top, due, context), assessment, top, symptoms, dueAt: until }
    const dueAt = Math.min(
      until,
      ...counted.map((symptom) => symptom.dueAt).filter((time) => time > at),
      assessment.until ?? Number.POSITIVE_INFINITY,
    )
    return { verdict, assessment, top, symptoms, dueAt }
  }

  /** To a deploy, what its chart puts to rest is done; to a look it is paused, as everything that runs nothing. */
  private asMeant({ rests }: Target, assessment: Assessment): Assessment {
    const { progress } = assessment
    if (rests !== true || progress.state !== 'paused' || !this.options.sinceBaseline) return assessment
    return { ...assessment, progress: ready(progress.reason) }
  }

  private freshOf(symptoms: readonly Symptom[]): readonly Symptom[] {
    return this.options.sinceBaseline ? symptoms.filter((symptom) => this.baseline.isFresh(symptom)) : symptoms
  }

  /** Nothing has failed: what the workload's status says, held back by the baseline and by pods that must settle. */
  private progress(
    top: ObservedObject,
    assessment: Assessment,
    needed: number,
    fresh: readonly Symptom[],
    { options, at }: RuleContext,
  ): { readonly verdict: Verdict; readonly until: number } {
    const { counts } = assessment
    const until = Number.POSITIVE_INFINITY
    if (assessment.progress.state === 'paused') return { verdict: assessment.progress, until }
    const enough = enoughDetail(assessment, needed, options.minReadyPercent)
    const progress =
      assessment.progress.state === 'progressing' && enough !== undefined ? ready(enough) : assessment.progress
    if (progress.state !== 'ready') {
      const brief = assessment.isTelling === true ? undefined : deepest(fresh)?.brief
      return { verdict: progressing(brief ?? progress.reason, counts), until }
    }
    const obstacle = this.baseline.obstacle(top)
    if (obstacle !== undefined) return { verdict: progressing(obstacle, counts), until }
    const settling = settlingOf(
      assessment,
      needed,
      (pod, mark) => (this.options.sinceBaseline ? this.baseline.isFresh(mark) : restartsOf(pod.object) > 0),
      options.settleMs,
    )
    if (settling.state === 'unseen')
      return {
        verdict: progressing(`${readyPods(assessment.current)}/${counts.wanted} pods seen ready`, counts),
        until,
      }
    if (settling.state === 'settled' || settling.until <= at) return { verdict: progress, until }
    return {
      verdict: progressing('runs without a readiness probe, so it must keep running for a moment', counts),
      until: settling.until,
    }
  }

  private ask(workload: ObservedObject, at: number): Standing | undefined {
    if (this.asking.has(workload.uid)) return undefined
    this.asking.add(workload.uid)
    try {
      const context = this.context(at, this.targets.get(workload.key)?.options, workload.object.metadata.namespace)
      const counts = this.baseline.countsFailures(workload)
      return standingOf(workload, context, (symptoms) => this.freshOf(symptoms), counts)
    } finally {
      this.asking.delete(workload.uid)
    }
  }

  private context(at: number, options = this.options, namespace = this.namespace): RuleContext {
    const { cache, baseline } = this
    return {
      cache,
      options,
      at,
      crashesBefore: (pod, container) => baseline.crashesBefore(pod, container),
      hasGrown: (entry) => baseline.hasGrown(entry),
      isNew: (entry) => baseline.isNew(entry),
      standingOf: (workload) => this.ask(workload, at),
      kubectl: kubectlIn(namespace),
    }
  }

  private refOf(target: Target): ObjectRef {
    return placedIn(target, this.namespace)
  }

  private invalidate(key: string): void {
    const watched = this.targets.get(key)
    if (watched === undefined) return
    watched.judgement = undefined
    this.changed.add(key)
  }

  reconsider(): void {
    for (const key of this.targets.keys()) this.invalidate(key)
  }
}
