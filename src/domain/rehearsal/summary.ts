import type { RehearsedDeploy, RehearsedFailure, Rehearsal } from './model.ts'

type Outcome = Pick<Rehearsal, 'deploy' | 'failures'>

/** Nothing would have gone wrong tonight. */
export function isGood({ deploy, failures }: Outcome): boolean {
  return isReached(deploy) && failures.every(isProven)
}

export function isReached({ outcome }: Pick<RehearsedDeploy, 'outcome'>): boolean {
  return outcome === 'deployed' || outcome === 'unchanged'
}

/** Explained, and all is as it was, where there was anything. */
export function isProven({ explained, restored }: RehearsedFailure): boolean {
  return explained && restored !== false
}

/** The last line, without a full stop. */
export function summaryOf(deploy: RehearsedDeploy, failures: readonly RehearsedFailure[]): string {
  if (!isReached(deploy)) return deployFails(deploy)
  if (failures.length === 0) return deployReaches(deploy)
  const count = (is: (one: RehearsedFailure) => boolean): number => failures.filter(is).length
  const isFirst = failures.every(({ restored }) => restored === null)
  const counts = [
    `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'}`,
    `${count(({ explained }) => explained)} explained`,
    isFirst ? 'nothing to restore (a first install stays)' : `${count(({ restored }) => restored !== false)} restored`,
  ]
  const [first, ...more] = failures.filter((one) => !isProven(one))
  const wrong = first === undefined ? '' : `: ${wrongIn(first)}`
  return `rehearsed: ${counts.join(', ')}${wrong}${more.length === 0 ? '' : `, and ${more.length} more went wrong`}`
}

function deployFails({ outcome, verdict }: RehearsedDeploy): string {
  const how = outcome === 'refused' ? 'be refused' : 'fail'
  return `tonight's deploy would ${how}${verdict === null ? '' : `: ${verdict.sentence}`}`
}

function deployReaches({ outcome, seconds }: RehearsedDeploy): string {
  const time = `${seconds.toFixed(1)} s`
  return outcome === 'unchanged'
    ? `rehearsed: the deploy changes nothing, and proves that in ${time}`
    : `rehearsed: the deploy reaches the new state in ${time}`
}

/** `app=oom was told as E_CRASH_LOOP`; more of it has its `why`. */
export function wrongIn({ failure, verdict, explained, restored }: RehearsedFailure): string {
  const told = verdict === null ? 'was not noticed' : `was told as ${verdict.code}`
  const left = 'not all is as it was'
  if (explained) return `after ${failure} ${left}`
  return `${failure} ${told}${restored === false ? `, and ${left}` : ''}`
}
