import type { ToldRemark } from '../domain/readiness/remark.ts'
import { allIsReady, remarkRows } from './success.ts'

export interface FollowedRun {
  /** Short. */
  readonly revision: string
  readonly environment: string
  readonly seconds: number
  readonly remarks: readonly ToldRemark[]
  readonly notes: readonly string[]
  /** The command that shows what runs. */
  readonly next: string
}

/** How `forge follow` ended well. */
export function followedRows({ revision, environment, seconds, remarks, notes, next }: FollowedRun): string[] {
  const all = allIsReady([], remarks)
  return [
    '',
    `${revision} is applied to ${environment}, after ${seconds.toFixed(1)} s. E${all.slice(1)}.`,
    ...remarkRows(remarks),
    ...notes.map((note, at) => `${(at === 0 ? 'Note' : '').padEnd(11)}${note}`),
    `${'Look'.padEnd(11)}${next}`,
  ]
}
