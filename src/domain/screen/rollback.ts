import type { JournalEntry } from '../journal/model.ts'
import type { PlanDocument } from '../plan/document.ts'
import type { Restart } from '../plan/model.ts'
import type { ToldRemark } from '../readiness/remark.ts'
import { agoOf } from './ago.ts'
import { planBody, type PlanScreen } from './plan.ts'
import { sentence } from './plan-end.ts'
import { allIsReady, remarkRows, restartRows } from './success.ts'

/** What a rollback will do, before it does it: where it goes, and every object that changes. */
export function rollbackPlanRows(plan: PlanDocument, target: JournalEntry, screen: PlanScreen): string[] {
  const { project, environment, cluster, namespace, live } = plan
  const when = agoOf(screen.now - Date.parse(target.endedAt ?? target.startedAt))
  const runs = live === null ? '' : `, from #${live.number}`
  return [
    `${project} → ${environment}   cluster ${cluster}   namespace ${namespace}`,
    `back to #${target.number}, ${target.state}, ${when}, ${target.by}${runs}`,
    '',
    ...planBody(plan, screen),
    '',
    sentence(plan),
  ]
}

export interface RolledBack {
  /** The number of the rollback itself. */
  readonly number: number
  readonly target: number
  readonly environment: string
  readonly seconds: number
  readonly unchanged: boolean
  readonly restarted: readonly Restart[]
  readonly remarks: readonly ToldRemark[]
  /** The command that shows it. */
  readonly history: string
  /** Workloads that forge may not watch. */
  readonly unseen?: readonly string[]
}

/** The closing block of a rollback that reached its target. */
export function rolledBackRows({
  number,
  target,
  environment,
  seconds,
  unchanged,
  restarted,
  remarks,
  history,
  unseen = [],
}: RolledBack): string[] {
  const time = `${seconds.toFixed(1)} s`
  const all = allIsReady(unseen, remarks)
  if (unchanged)
    return [
      '',
      `Unchanged: ${environment} already runs what #${target} had, and ${all} (${time}).`,
      ...unseen,
      ...remarkRows(remarks),
    ]
  return [
    '',
    `Rolled back: ${environment} runs #${target} again, as #${number}, in ${time}. E${all.slice(1)}.`,
    ...unseen,
    ...restartRows(restarted),
    ...remarkRows(remarks),
    `${'History'.padEnd(11)}${history}`,
  ]
}
