import type { Restart } from '../plan/model.ts'

export interface Success {
  readonly number: number
  readonly environment: string
  readonly seconds: number
  readonly unchanged: boolean
  readonly restarted: readonly Restart[]
  /** Commands that show it, one a line. */
  readonly look: readonly string[]
  /** Workloads that forge may not watch. */
  readonly unseen?: readonly string[]
}

const LABEL = 11

/** The closing block of a deploy that reached its state: what happened, what restarted and why, what to do next. */
export function successRows({
  number,
  environment,
  seconds,
  unchanged,
  restarted,
  look,
  unseen = [],
}: Success): string[] {
  const all = everything(unseen)
  const time = `${seconds.toFixed(1)} s`
  const first = unchanged
    ? `Unchanged: ${environment} already runs ${number > 0 ? `#${number}` : 'this'}, and ${all} is ready (${time}).`
    : `Deployed #${number} to ${environment} in ${time}. E${all.slice(1)} is ready.`
  return [
    '',
    first,
    ...unseen,
    ...restartRows(restarted),
    ...look.map((command, at) => `${(at === 0 ? 'Look' : '').padEnd(LABEL)}${command}`),
  ]
}

/** What "is ready" is said of. */
export function everything(unseen: readonly string[]): string {
  return unseen.length === 0 ? 'everything' : 'everything that may be looked at'
}

/** Who restarted, and why. */
export function restartRows(restarted: readonly Restart[]): string[] {
  const widest = Math.max(0, ...restarted.map(({ workload }) => workload.length))
  return restarted.map(
    ({ workload, because }, at) =>
      `${(at === 0 ? 'Restarted' : '').padEnd(LABEL)}${workload.padEnd(widest)}  ${because.join(', ')}`,
  )
}
