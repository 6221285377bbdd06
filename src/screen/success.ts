import type { Restart } from '../domain/plan/model.ts'
import type { ToldRemark } from '../domain/readiness/remark.ts'
import { counted, someOf } from './counted.ts'

export interface Success {
  readonly number: number
  readonly environment: string
  readonly seconds: number
  readonly unchanged: boolean
  readonly restarted: readonly Restart[]
  readonly remarks: readonly ToldRemark[]
  /** Commands that show it, one a line. */
  readonly look: readonly string[]
  /** Workloads that forge may not watch. */
  readonly unseen?: readonly string[]
  /** `--release`: what was deployed, and what was not. */
  readonly selected?: { readonly releases: readonly string[]; readonly leftOut: readonly string[] }
}

const LABEL = 11
/** Of why a workload has restarted, that are named. */
const REASONS = 4

/** The closing block of a deploy that reached its state: what happened, what restarted and why, what to do next. */
export function successRows(end: Success): string[] {
  const { number, environment, seconds, unchanged, restarted, remarks, look, unseen = [], selected } = end
  const all = allIsReady(unseen, remarks, selected?.releases)
  const time = `${seconds.toFixed(1)} s`
  const first = unchanged
    ? `Unchanged: ${environment} already runs ${number > 0 ? `#${number}` : 'this'}, and ${all} (${time}).`
    : `Deployed #${number} to ${environment} in ${time}. E${all.slice(1)}.`
  return [
    '',
    first,
    ...unseen,
    ...((selected?.leftOut ?? []).length === 0 ? [] : [`${'Left out'.padEnd(LABEL)}${selected?.leftOut.join(', ')}`]),
    ...restartRows(restarted),
    ...remarkRows(remarks),
    ...look.map((command, at) => `${(at === 0 ? 'Look' : '').padEnd(LABEL)}${command}`),
  ]
}

/** What "is ready" is said of, and whether more has to be said. */
export function allIsReady(
  unseen: readonly string[],
  remarks: readonly ToldRemark[],
  releases: readonly string[] = [],
): string {
  const of = releases.length === 0 ? '' : ` of ${releases.join(', ')}`
  const what = `everything${of}${unseen.length === 0 ? '' : ' that may be looked at'}`
  return `${what} is ready${remarks.length === 0 ? '' : `, with ${counted(remarks.length, 'remark')}`}`
}

/** Who restarted, and why. */
export function restartRows(restarted: readonly Restart[]): string[] {
  const widest = Math.max(0, ...restarted.map(({ workload }) => workload.length))
  return restarted.map(
    ({ workload, because }, at) =>
      `${(at === 0 ? 'Restarted' : '').padEnd(LABEL)}${workload.padEnd(widest)}  ${someOf(because, REASONS)}`,
  )
}

/** What a ready workload leaves to people, and the command for it. */
export function remarkRows(remarks: readonly ToldRemark[]): string[] {
  const rows = remarks.flatMap(({ workload, what, hint }) => [`${workload}: ${what}`, ...(hint === null ? [] : [hint])])
  return rows.map((row, at) => `${(at === 0 ? 'Remark' : '').padEnd(LABEL)}${row}`)
}
