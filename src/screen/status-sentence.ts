import type { ProjectStanding } from '../domain/status/ready.ts'
import type { WorkloadStatus } from '../domain/status/model.ts'
import { counted } from './counted.ts'

export interface Told extends ProjectStanding {
  readonly project: string
  readonly environment: string
  /** What is wrong, in one sentence without a full stop. */
  readonly failure: string | undefined
  readonly deployed: boolean
}

/** The first line of `forge status`: how it is, in words for somebody who was woken up. */
export function sentenceOf(told: Told): string {
  const { project, environment, stages, failure, leaving = [], deployed, missing, unread = [], unknown, live } = told
  const what = `${project} on ${environment}`
  const all = stages.flatMap(({ workloads }) => workloads)
  if (!deployed) return `${project} was never deployed to ${environment}.`
  if (missing.length > 0)
    return `${what} is not ready: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed.`
  if (failure !== undefined) return `${what} is not ready: ${failure}.`
  const waits = all.find(({ state }) => state === 'progressing')
  if (waits !== undefined) return `${what} is not ready yet: ${clause(waits)}.`
  if (leaving.length > 0) return `${what} is not ready: ${leaving.join(', ')}.`
  if (unknown !== undefined) return `${what}: it is not known what runs: ${unknown}.`
  if (all.length === 0 && unread.length > 0) return `${what}: it is not known what runs: ${unread.join(', ')}.`
  if (all.length === 0)
    return live
      ? `${what} is ready: it is deployed, and has no workloads.`
      : `${what} has no workloads, and no deploy of it has succeeded.`
  const more = [pausedClause(all), behindClause(all), remarkClause(all)].filter((text) => text !== undefined)
  return [`${what} is ready: ${counted(all.length, 'workload')}`, ...more].join('; ').concat('.')
}

function clause({ name, counts, servesOn, reason = '' }: WorkloadStatus): string {
  const count = counts === undefined || servesOn === true ? '' : ` ${counts.ready}/${counts.wanted}`
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

function remarkClause(all: readonly WorkloadStatus[]): string | undefined {
  const remarks = all.flatMap(({ name, remark }) => (remark === undefined ? [] : [`${name}: ${remark}`]))
  return remarks.length === 0 ? undefined : remarks.join('; ')
}

function listed(workloads: readonly WorkloadStatus[]): string {
  const names = workloads.map(({ name }) => name)
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}
