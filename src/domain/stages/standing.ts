import type { Judge, WorkloadStanding } from '../readiness/model.ts'
import type { StageTarget } from './stages.ts'

/** How a stage stands, as data: the words for it are a screen's (src/screen/stage.ts). */
export interface StageStanding {
  readonly ready: number
  readonly all: number
  /** All of them; of a big stage the first few that are not ready, what has failed before the rest. */
  readonly workloads: readonly WorkloadStanding[]
  /** The API server does not answer: this is how it stood last. */
  readonly isBlind: boolean
  /** All are ready, and none of those that serve was restarted. */
  readonly isUntouched: boolean
}

/** A stage of more than these is told of by what is not ready. */
const MOST_WHOLE = 8
/** As many as a terminal has rows for. */
export const MOST_WAITING = 6

/** Asked after every event: of hundreds of workloads only the few that are told of are looked at closely. */
export function stageStanding(
  targets: readonly StageTarget[],
  judge: Pick<Judge, 'verdict' | 'standing' | 'restarted'>,
  at: number,
  isBlind: boolean,
): StageStanding {
  const failed: StageTarget[] = []
  const waits: StageTarget[] = []
  for (const target of targets) {
    const { state } = judge.verdict(target, at)
    if (state !== 'ready') (state === 'failed' ? failed : waits).push(target)
  }
  const unready = [...failed, ...waits]
  const [all, ready] = [targets.length, targets.length - unready.length]
  const told = all > MOST_WHOLE ? unready.slice(0, MOST_WAITING) : targets
  const workloads = told.map((target) => ({ ...judge.standing(target, at), name: target.label ?? target.name }))
  return { ready, all, workloads, isBlind, isUntouched: ready === all && standsStill(targets, judge) }
}

function standsStill(targets: readonly StageTarget[], judge: Pick<Judge, 'restarted'>): boolean {
  const serving = targets.filter(({ kind }) => kind !== 'Job')
  return serving.length > 0 && !serving.some((target) => judge.restarted(target))
}
