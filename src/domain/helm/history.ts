import type { ReleaseRecord } from './model.ts'

/** The newest that is in the cluster; `history`: the newest first. What ran before helm is no revision of helm's until it is written down. */
export function newestWritten(history: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  return history.find(({ unwritten }) => unwritten !== true)
}
