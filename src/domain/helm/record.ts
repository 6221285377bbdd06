import type { ReleaseRecord } from './model.ts'

/** A Secret holds at most 1 MiB; helm keeps a whole revision in one (`len(base64(gzip(json)))`). */
export const RECORD_LIMIT = 1024 * 1024

/** The revision that a rollback goes back to: helm compares with the last *deployed* one, not with the last. */
export function lastDeployed<T extends Pick<ReleaseRecord, 'status'>>(history: readonly T[]): T | undefined {
  return history.find(({ status }) => status === 'deployed') ?? history.find(({ status }) => status === 'superseded')
}
