import type { JournalTimes, TimedStep } from '../domain/journal/times.ts'
import { reasonOf } from '../domain/readiness/workload-standing.ts'
import type { StageTargets } from '../domain/stages/stages.ts'
import { PodTimes } from '../domain/times/pod-times.ts'
import { timesOf, WorkloadTimes } from '../domain/times/workload-times.ts'
import type { Clock, ClusterWatcher } from '../ports.ts'
import type { FollowPorts } from './follow.ts'
import type { StepRecord } from './step.ts'

/** When things happened in a run, for the journal. */
export interface Noted {
  readonly steps: readonly StepRecord[]
  readonly pods: PodTimes
  readonly workloads: WorkloadTimes
}

/** `steps`: grows while the run goes on. */
export function noteFrom(steps: readonly StepRecord[] = []): Noted {
  return { steps, pods: new PodTimes(), workloads: new WorkloadTimes() }
}

type Tell = NonNullable<FollowPorts['tell']>

/** What is told of workloads, noted as well. */
export function noting({ workloads }: Noted, clock: Clock, way: 'there' | 'back', tell: Tell | undefined): Tell {
  return (standing) => {
    const { ref, verdict } = standing
    const text = verdict.state === 'failed' ? verdict.brief : reasonOf(verdict)
    workloads.hear({ ref, state: verdict.state, text }, clock.now(), way === 'back')
    tell?.(standing)
  }
}

/** The same watch; the pods that it tells of are noted as well. */
export function notingWatch(cluster: ClusterWatcher, { pods }: Noted, clock: Clock): ClusterWatcher {
  return {
    async *watch(...asked) {
      for await (const batch of cluster.watch(...asked)) {
        pods.hear(batch.events, clock.now(), batch.initial)
        yield batch
      }
    },
  }
}

export function notedTimes(
  { steps, pods, workloads }: Noted,
  stages: readonly StageTargets[],
  namespace: string,
  mask: (text: string) => string,
): JournalTimes | undefined {
  return timesOf({ steps: timedSteps(steps, stages), stages, namespace, pods, workloads, mask })
}

/** Stages come last, in their order: a step before them may have the name of one. */
function timedSteps(steps: readonly StepRecord[], stages: readonly StageTargets[]): TimedStep[] {
  const names = stages.map(({ name }) => name)
  const first = steps.findLastIndex(({ name }) => name === names[0])
  return steps.map(({ name, outcome, startedAt, seconds }, at) => {
    const isStage = first >= 0 && names[at - first] === name
    return { name, outcome, startedAt, seconds, ...(isStage ? { isStage } : {}) }
  })
}
