import type { StageStatus } from './model.ts'

export interface ProjectStanding {
  readonly stages: readonly StageStatus[]
  /** Other objects that are being deleted: `Service/public is being deleted`. */
  readonly leaving?: readonly string[]
  /** Releases of which helm has no record. */
  readonly missing: readonly string[]
  /** Records that could not be read: what they hold is not known. */
  readonly unread?: readonly string[]
  /** Why it is not known what runs at all, in a clause. */
  readonly unknown?: string | undefined
  /** A deploy has reached its state, and nothing was taken away since. */
  readonly live: boolean
}

/** Paused workloads hold nothing back. A project may have no workloads at all; what is not installed is not ready. */
export function isReady({ stages, live, missing, leaving = [], unread = [], unknown }: ProjectStanding): boolean {
  const all = stages.flatMap(({ workloads }) => workloads)
  const isThere = ((live && unread.length === 0) || all.length > 0) && missing.length === 0 && leaving.length === 0
  return unknown === undefined && isThere && all.every(({ state }) => state === 'ready' || state === 'paused')
}
