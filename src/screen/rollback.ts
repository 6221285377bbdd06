import type { JournalEntry } from '../domain/journal/model.ts'
import type { PlanDocument } from '../domain/plan/document.ts'
import { agoOf } from './ago.ts'
import { planBody, type PlanScreen } from './plan.ts'
import { sentence } from './plan-end.ts'
import { allIsReady, remarkRows, restartRows, type Success } from './success.ts'
import { headRow } from './head.ts'

/** What a rollback will do, before it does it: where it goes, and every object that changes. */
export function rollbackPlanRows(plan: PlanDocument, target: JournalEntry, screen: PlanScreen): string[] {
  const { project, environment, cluster, namespace, live } = plan
  const when = agoOf(screen.now - Date.parse(target.endedAt ?? target.startedAt))
  const runs = live === null ? '' : `, from #${live.number}`
  return [
    headRow({ project, environment, cluster, namespace }),
    `back to #${target.number}, ${target.state}, ${when}, ${target.by}${runs}`,
    '',
    ...planBody(plan, screen),
    '',
    sentence(plan),
  ]
}

/** `number`: that of the rollback itself. */
export interface RolledBack extends Omit<Success, 'look' | 'selected'> {
  readonly target: number
  /** The command that shows it. */
  readonly history: string
}

/** The closing block of a rollback that reached its target. */
export function rolledBackRows(end: RolledBack): string[] {
  const { number, target, environment, seconds, unchanged, restarted, remarks, history, unseen = [] } = end
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
