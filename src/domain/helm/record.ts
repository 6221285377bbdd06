import type { ReleaseRecord } from './model.ts'

/** A Secret holds at most 1 MiB; helm keeps a whole revision in one (`len(base64(gzip(json)))`). */
export const RECORD_LIMIT = 1024 * 1024

/** The revision that a rollback goes back to: helm compares with the last *deployed* one, not with the last. */
export function lastDeployed<T extends Pick<ReleaseRecord, 'status'>>(history: readonly T[]): T | undefined {
  return history.find(({ status }) => status === 'deployed') ?? history.find(({ status }) => status === 'superseded')
}

/** The next revision as its templates see it: helm installs anew what was uninstalled with its history kept (pkg/cmd, upgrade). */
export function comingRevision([newest]: readonly Pick<ReleaseRecord, 'revision' | 'status'>[]): {
  readonly revision: number
  readonly isUpgrade: boolean
} {
  const isUpgrade = newest !== undefined && newest.status !== 'uninstalled'
  return { isUpgrade, revision: isUpgrade ? newest.revision + 1 : 1 }
}
