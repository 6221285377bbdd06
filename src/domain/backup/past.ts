import type { JournalEntry } from '../journal/model.ts'
import type { BackupMade } from './model.ts'

export interface PastBackup {
  readonly deploy: number
  readonly backups: readonly BackupMade[]
}

/**
 * What was saved before a release's database came to a schema that code of `version` cannot read: of the first deploy that brought
 * one, whatever became of it. Undefined: the journal knows none.
 */
export function backupBefore(
  entries: readonly JournalEntry[],
  release: string,
  version: number,
): PastBackup | undefined {
  const emptied = entries.filter(({ deleted = [] }) => deleted.length > 0).map(({ number }) => number)
  const since = Math.max(0, ...emptied)
  const first = entries
    .filter(({ number, configuration }) => {
      const schema = configuration.releases.find(({ name }) => name === release)?.schema
      return number > since && schema !== undefined && schema.oldestReader > version
    })
    .toSorted((one, other) => one.number - other.number)[0]
  const { number = 0, backups = [] } = first ?? {}
  return backups.length === 0 ? undefined : { deploy: number, backups }
}

/** `#42 began with backup temporal: appdb-….dump` */
export function pastText({ deploy, backups }: PastBackup): string {
  return `#${deploy} began with backup ${backups.map(({ name, id }) => `${name}: ${id}`).join(', ')}`
}
