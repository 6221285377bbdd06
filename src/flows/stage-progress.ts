import type { Judge } from '../domain/readiness/model.ts'
import type { StageTarget } from '../domain/stages/stages.ts'

/** How a stage stands, for a person. */
export interface StageProgress {
  /** In one line: `app 2/2, worker 0/1: …`; of a big stage what is not ready: `294 of 300 ready; web-6 0/3: …, and 5 more`. */
  readonly summary: string
  readonly ready: number
  readonly all: number
  /** Those that are not ready, each with its counts and the reason: the first few, what has failed before the rest. */
  readonly waiting: readonly string[]
}

type Asked = Pick<Judge, 'verdict' | 'summary' | 'servesOn' | 'restarted'>

/** A line that names more than these is read by nobody. */
const MOST_NAMED = 8
const NAMED_OF_MANY = 3
/** As many as a terminal has room for. */
const MOST_WAITING = 6

/** Asked after every event: of hundreds of workloads only the few that are shown are put into words. */
export function progressOf(targets: readonly StageTarget[], judge: Asked, at: number, isBlind: boolean): StageProgress {
  const failed: StageTarget[] = []
  const waits: StageTarget[] = []
  for (const target of targets) {
    const { state } = judge.verdict(target, at)
    if (state !== 'ready') (state === 'failed' ? failed : waits).push(target)
  }
  const unready = [...failed, ...waits]
  const say = (target: StageTarget): string => {
    const [text, label] = [judge.summary(target, at), target.label ?? target.name]
    if (!judge.servesOn(target, at)) return text.replace(target.name, label)
    // A stage of one workload is called like it.
    return targets.length > 1 ? `${label}: ${text}` : text
  }
  const [all, ready] = [targets.length, targets.length - unready.length]
  const waiting = unready.slice(0, MOST_WAITING).map(say)
  const workloads = all > MOST_NAMED ? [manyOf(ready, all, waiting)] : targets.map(say)
  const away = isBlind ? ['the API server does not answer'] : []
  const still = unready.length === 0 && standsStill(targets, judge) ? ['not restarted'] : []
  const summary = all === 0 ? 'nothing to wait for' : [...workloads, ...away, ...still].join(', ')
  return { summary, ready, all, waiting }
}

function manyOf(ready: number, all: number, waiting: readonly string[]): string {
  const count = `${ready} of ${all} ready`
  if (waiting.length === 0) return count
  const named = waiting.slice(0, NAMED_OF_MANY)
  const hidden = all - ready - named.length
  return `${count}; ${[...named, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join(', ')}`
}

function standsStill(targets: readonly StageTarget[], judge: Pick<Judge, 'restarted'>): boolean {
  const serving = targets.filter(({ kind }) => kind !== 'Job')
  return serving.length > 0 && !serving.some((target) => judge.restarted(target))
}
