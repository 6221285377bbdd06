import type { Detail, StageDetail } from '../domain/events/model.ts'
import type { WorkloadStanding } from '../domain/readiness/model.ts'
import { reasonOf } from '../domain/readiness/workload-standing.ts'
import { UNOBSERVED } from '../domain/readiness/workloads/assessment.ts'
import { MOST_WAITING, type StageStanding } from '../domain/stages/standing.ts'

const NAMED_OF_MANY = 3

/** One clause for a line of progress (docs/screens.md): `app 2/2`, `old 2/2 serving, new 0/1: 3 crashes, 2 allowed`. */
export function workloadText({ kind, name, verdict, counts, serving }: WorkloadStanding): string {
  const reason = reasonOf(verdict)
  if (verdict.state === 'ready') {
    const isCounted = counts !== undefined && kind !== 'Job' && counts.wanted > 0
    const count = isCounted ? `${counts.ready}/${counts.wanted}` : reason
    return `${name} ${count}${counts === undefined || verdict.remark === undefined ? '' : ` (${verdict.remark})`}`
  }
  if (counts === undefined || reason === UNOBSERVED) return `${name}: ${reason}`
  if (serving === undefined) return `${name} ${counts.ready}/${counts.wanted}: ${reason}`
  const { old, fresh } = serving
  return `old ${old.ready}/${old.wanted} serving, new ${fresh.ready}/${fresh.wanted}: ${reason}`
}

/** In one line: `app 2/2, worker 0/1: …`; of a big stage what is not ready: `294 of 300 ready; web-6 0/3: …, and 5 more`. */
function stageText(stage: StageStanding): string {
  const { all, workloads, isBlind, isUntouched } = stage
  if (all === 0) return 'nothing to wait for'
  const named = workloads.length < all ? [manyText(stage)] : workloads.map(memberText)
  const away = isBlind ? ['the API server does not answer'] : []
  return [...named, ...away, ...(isUntouched ? ['not restarted'] : [])].join(', ')
}

function manyText(stage: StageStanding): string {
  const count = shortText(stage)
  if (stage.workloads.length === 0) return count
  const named = stage.workloads.slice(0, NAMED_OF_MANY).map(memberText)
  const hidden = stage.all - stage.ready - named.length
  return `${count}; ${[...named, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join(', ')}`
}

function shortText({ ready, all }: StageStanding): string {
  return `${ready} of ${all} ready`
}

/** With its name: a stage may be called otherwise, and have others. */
function memberText(one: WorkloadStanding): string {
  return one.serving === undefined ? workloadText(one) : `${one.name}: ${workloadText(one)}`
}

/** The same with whose stage it is, and what else was found. */
export function stageDetailText({ stage, of, more = [] }: StageDetail): string {
  return [`${of === undefined ? '' : `${of}: `}${stageText(stage)}`, ...more].join(', ')
}

/** The same where there is room for a row per workload that is waited for; undefined: it is one line. */
export function waitingText(detail: Detail): { readonly short: string; readonly rows: readonly string[] } | undefined {
  if (typeof detail === 'string' || !('stage' in detail) || detail.isStep === undefined) return undefined
  const { stage } = detail
  const left = stage.all - stage.ready
  if (left === 0) return undefined
  const unready = stage.workloads.filter(({ verdict }) => verdict.state !== 'ready')
  const failed = unready.filter(({ verdict }) => verdict.state === 'failed')
  const rows = [...failed, ...unready.filter((one) => !failed.includes(one))].map(memberText)
  const shown = left > MOST_WAITING ? [...rows.slice(0, MOST_WAITING - 1), `and ${left - MOST_WAITING + 1} more`] : rows
  return { short: shortText(stage), rows: shown }
}
