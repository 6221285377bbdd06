import { counted } from '../screen/counted.ts'
import type { StageStatus, WorkloadStatus } from './model.ts'

export interface Told {
  readonly project: string
  readonly environment: string
  readonly stages: readonly StageStatus[]
  /** What is wrong, in one sentence without a full stop. */
  readonly failure: string | undefined
  /** Other objects that are being deleted: `Service/public is being deleted`. */
  readonly leaving?: readonly string[]
  readonly deployed: boolean
}

/** Paused workloads hold nothing back; where nothing runs, nothing is ready. */
export function isReady(stages: readonly StageStatus[], leaving: readonly string[] = []): boolean {
  const all = stages.flatMap(({ workloads }) => workloads)
  return leaving.length === 0 && all.length > 0 && all.every(({ state }) => state === 'ready' || state === 'paused')
}

/** The first line of `forge status`: how it is, in words for somebody who was woken up. */
export function sentenceOf({ project, environment, stages, failure, leaving = [], deployed }: Told): string {
  const what = `${project} on ${environment}`
  const all = stages.flatMap(({ workloads }) => workloads)
  if (!deployed) return `${project} was never deployed to ${environment}.`
  if (all.length === 0) return `${what} has no workloads: its releases are not installed, or render none.`
  if (failure !== undefined) return `${what} is not ready: ${failure}.`
  const waits = all.find(({ state }) => state === 'progressing')
  if (waits !== undefined) return `${what} is not ready yet: ${clause(waits)}.`
  if (leaving.length > 0) return `${what} is not ready: ${leaving.join(', ')}.`
  const more = [pausedClause(all), behindClause(all)].filter((text) => text !== undefined)
  return [`${what} is ready: ${counted(all.length, 'workload')}`, ...more].join('; ').concat('.')
}

function clause({ name, counts, reason = '' }: WorkloadStatus): string {
  const count = counts === undefined || reason.startsWith('old ') ? '' : ` ${counts.ready}/${counts.wanted}`
  return `${name}${count}: ${reason}`
}

function pausedClause(all: readonly WorkloadStatus[]): string | undefined {
  const paused = all.filter(({ state }) => state === 'paused')
  if (paused.length === 0) return undefined
  return `${listed(paused)} ${paused.length === 1 ? 'is' : 'are'} paused`
}

function behindClause(all: readonly WorkloadStatus[]): string | undefined {
  const behind = all.filter((one) => one.behind.length > 0)
  if (behind.length === 0) return undefined
  return `${listed(behind)} ${behind.length === 1 ? 'runs' : 'run'} older secrets or configuration than the cluster holds`
}

function listed(workloads: readonly WorkloadStatus[]): string {
  const names = workloads.map(({ name }) => name)
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}
