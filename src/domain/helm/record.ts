import type { ReleaseRecord } from './model.ts'

/** A Secret holds at most 1 MiB; helm keeps a whole revision in one (`len(base64(gzip(json)))`). */
export const RECORD_LIMIT = 1024 * 1024

/** How far forge's own count of a record may be off: nothing is refused that helm might take. */
export const RECORD_DOUBT = 0.05

/** The Secret in which helm keeps a revision. */
export function recordName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`
}

/** The revision that a rollback goes back to: helm compares with the last *deployed* one, not with the last. */
export function lastDeployed<T extends Pick<ReleaseRecord, 'status'>>(history: readonly T[]): T | undefined {
  return history.find(({ status }) => status === 'deployed') ?? history.find(({ status }) => status === 'superseded')
}

/**
 * The numbers of the revisions whose content this one has, its own first: helm copies the one that it goes back to, and says
 * so in its description (pkg/action, Rollback).
 */
export function sameContent(
  record: Pick<ReleaseRecord, 'revision' | 'description'>,
  history: readonly Pick<ReleaseRecord, 'revision' | 'description'>[],
): number[] {
  const target = Number(/^Rollback to (\d+)$/u.exec(record.description)?.[1] ?? record.revision)
  if (target >= record.revision) return [record.revision]
  const origin = history.find(({ revision }) => revision === target)
  return [record.revision, ...(origin === undefined ? [target] : sameContent(origin, history))]
}

/** The next revision as its templates see it: helm installs anew what was uninstalled with its history kept (pkg/cmd, upgrade). */
export function comingRevision([newest]: readonly Pick<ReleaseRecord, 'revision' | 'status'>[]): {
  readonly revision: number
  readonly isUpgrade: boolean
} {
  const isUpgrade = newest !== undefined && newest.status !== 'uninstalled'
  return { isUpgrade, revision: isUpgrade ? newest.revision + 1 : 1 }
}

/** The same among those that helm can read: it passes over all others. Unpacks no more records than it must. */
export function lastReadable<T extends Pick<ReleaseRecord, 'status' | 'fault'>>(history: readonly T[]): T | undefined {
  const found = lastDeployed(history)
  return found?.fault === undefined ? found : lastReadable(history.filter((one) => one !== found))
}
