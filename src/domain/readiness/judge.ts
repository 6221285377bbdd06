import { keyOf, type ObjectRef } from '../kube.ts'
import { failureOf, timeoutFailure, type Unfinished } from './failure.ts'
import { Gate } from './gate.ts'
import {
  JUDGE_DEFAULTS,
  type Expectation,
  type Failure,
  type Judge,
  type JudgeOptions,
  type PodFacts,
  type Target,
  type Verdict,
} from './model.ts'
import { podSignals } from './pod-signals.ts'
import { evictionSignals } from './rules/eviction.ts'
import { settlingOf } from './settle.ts'
import { isPodReady, isTerminating, podSpecOf } from './shapes.ts'
import { deepest, type Scene, type Signal } from './signal.ts'
import { reasonOf, summaryOf } from './summary.ts'
import { assess } from './workloads/assess.ts'
import { progressing, readyPods, type Assessment } from './workloads/assessment.ts'
import type { Entry, ObservedWorld } from './world.ts'

export interface JudgeParts {
  readonly world: ObservedWorld
  readonly namespace: string
  readonly options?: Partial<JudgeOptions>
}

export function createJudge(parts: JudgeParts): Judge {
  return new TargetJudge(parts)
}

/** What was found out about a target, kept until something below it changes or its deadline passes. */
interface Judgement {
  readonly verdict: Verdict
  readonly assessment: Assessment | undefined
  readonly top: Entry | undefined
  /** All that looks wrong, counted or not. */
  readonly signals: readonly Signal[]
  /** When time alone changes the verdict. */
  readonly dueAt: number
}

interface Watched {
  readonly target: Target
  judgement: Judgement | undefined
}

class TargetJudge implements Judge {
  judged = 0
  private readonly world: ObservedWorld
  private readonly namespace: string
  private readonly options: JudgeOptions
  private readonly gate: Gate
  private readonly targets = new Map<string, Watched>()
  /** Spares building a key for each of thousands of questions. */
  private readonly asked = new WeakMap<Target, Watched>()
  private readonly changed = new Set<string>()

  constructor({ world, namespace, options }: JudgeParts) {
    this.world = world
    this.namespace = namespace
    this.options = { ...JUDGE_DEFAULTS, ...options }
    this.gate = new Gate(this.options.gated)
    world.onTouch((key) => this.invalidate(key))
  }

  watch(targets: readonly Target[]): void {
    for (const target of targets) {
      const key = keyOf(this.refOf(target))
      if (!this.targets.has(key)) this.targets.set(key, { target, judgement: undefined })
      this.changed.add(key)
    }
  }

  baseline(): void {
    this.gate.baseline(this.world)
    this.invalidateAll()
  }

  written(expectations: readonly Expectation[]): void {
    this.gate.written(expectations)
    this.invalidateAll()
  }

  verdict(target: Target, at: number): Verdict {
    return this.judgement(target, at).verdict
  }

  dirty(at: number): readonly Target[] {
    for (const [key, { judgement }] of this.targets)
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

  summary(target: Target, at: number): string {
    const { verdict, assessment } = this.judgement(target, at)
    return summaryOf(target, verdict, assessment)
  }

  podsOf(target: Target): readonly PodFacts[] {
    const top = this.world.entry(this.refOf(target))
    if (top === undefined) return []
    const { current, old } = assess(top, this.scene(top.bornAt))
    return [...current.map((pod) => this.factsOf(pod, false)), ...old.map((pod) => this.factsOf(pod, true))]
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
    const unfinished = stage.targets.flatMap((target): Unfinished[] => {
      const { verdict, top, signals, assessment } = this.judgement(target, at)
      if (verdict.state === 'ready') return []
      // A StatefulSet may wait for ever for a broken pod of the revision that it leaves.
      const stuck =
        top?.object.kind === 'StatefulSet'
          ? (assessment?.old.flatMap((pod) => podSignals(pod, true, this.scene(at))) ?? [])
          : []
      const signal = deepest([...signals, ...stuck])
      return [
        { target, top, signal, failure: verdict.state === 'failed' ? verdict : undefined, reason: reasonOf(verdict) },
      ]
    })
    return timeoutFailure(stage, unfinished, this.scene(at))
  }

  private judgement(target: Target, at: number): Judgement {
    const watched = this.asked.get(target) ?? this.remember(target)
    if (watched.judgement === undefined || watched.judgement.dueAt <= at) watched.judgement = this.judge(target, at)
    return watched.judgement
  }

  private remember(target: Target): Watched {
    const key = keyOf(this.refOf(target))
    const watched = this.targets.get(key) ?? { target, judgement: undefined }
    this.targets.set(key, watched)
    this.asked.set(target, watched)
    return watched
  }

  private judge(target: Target, at: number): Judgement {
    this.judged += 1
    const top = this.world.entry(this.refOf(target))
    if (top === undefined)
      return { verdict: this.absent(target), assessment: undefined, top, signals: [], dueAt: Number.POSITIVE_INFINITY }
    const scene = this.scene(at)
    const assessment = assess(top, scene)
    const { current, countsCrashes } = assessment
    const signals = [
      ...assessment.signals,
      ...(countsCrashes ? evictionSignals(current, scene) : []),
      ...current.flatMap((pod) => podSignals(pod, countsCrashes, scene)),
    ]
    const fresh = this.options.gated ? signals.filter((signal) => this.gate.isFresh(signal)) : signals
    const counted = this.gate.countsFailures(top) ? fresh : []
    const due = deepest(counted.filter(({ dueAt }) => dueAt <= at))
    if (due !== undefined)
      return { verdict: failureOf(top, due, scene), assessment, top, signals, dueAt: Number.POSITIVE_INFINITY }
    const { verdict, until } = this.progress(top, assessment, fresh, at)
    const dueAt = Math.min(
      until,
      ...counted.map((signal) => signal.dueAt).filter((time) => time > at),
      ...statusDeadline(top, verdict, scene),
    )
    return { verdict, assessment, top, signals, dueAt }
  }

  /** Nothing has failed: what the workload's status says, held back by the gate and by pods that must settle. */
  private progress(
    top: Entry,
    assessment: Assessment,
    fresh: readonly Signal[],
    at: number,
  ): { readonly verdict: Verdict; readonly until: number } {
    const { progress, counts } = assessment
    const until = Number.POSITIVE_INFINITY
    if (progress.state === 'paused') return { verdict: progress, until }
    if (progress.state === 'progressing')
      return { verdict: progressing(deepest(fresh)?.brief ?? progress.reason, counts), until }
    const obstacle = this.gate.obstacle(top)
    if (obstacle !== undefined) return { verdict: progressing(obstacle, counts), until }
    const settling = settlingOf(
      assessment,
      (mark) => this.options.gated && this.gate.isFresh(mark),
      this.options.settleMs,
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

  private absent(target: Target): Verdict {
    if (!this.gate.isOpen) return progressing('not created yet')
    if (target.vanishes === true) return { state: 'ready', detail: 'done' }
    return progressing('does not exist')
  }

  private scene(at: number): Scene {
    const { world, options, gate, namespace } = this
    const flags =
      options.kubectlFlags === '' && options.context !== undefined
        ? `--context ${options.context}`
        : options.kubectlFlags
    return {
      world,
      options,
      at,
      crashesBefore: (pod, container) => gate.crashesBefore(pod, container),
      kubectl: (args) => `kubectl ${flags === '' ? '' : `${flags} `}--namespace ${namespace} ${args}`,
    }
  }

  private factsOf(pod: Entry, old: boolean): PodFacts {
    const { object } = pod
    const { nodeName, containers = [] } = podSpecOf(object)
    return {
      name: object.metadata.name,
      ready: isPodReady(object),
      old,
      terminating: isTerminating(object),
      restarts: this.gate.restartsSince(pod),
      created: this.gate.isNew(pod),
      node: nodeName,
      containers: containers.map(({ name }) => name),
    }
  }

  private refOf({ apiVersion, kind, name }: Target): ObjectRef {
    return { apiVersion, kind, name, namespace: this.namespace }
  }

  private invalidate(key: string): void {
    const watched = this.targets.get(key)
    if (watched === undefined) return
    watched.judgement = undefined
    this.changed.add(key)
  }

  private invalidateAll(): void {
    for (const key of this.targets.keys()) this.invalidate(key)
  }
}

/** A custom resource without any status becomes "as it is" by time alone. */
function statusDeadline(top: Entry, verdict: Verdict, { options, at }: Scene): number[] {
  const time = top.bornAt + options.statusGraceMs
  return verdict.state === 'progressing' && top.object['status'] === undefined && time > at ? [time] : []
}
