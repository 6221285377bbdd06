import type { BackupKind } from '../config/backup.ts'
import { verbs, type Permission } from './permissions.ts'

const CNPG = 'postgresql.cnpg.io'

/** What a CronJob or a ScheduledBackup is found by, and what is made of it and waited for. */
export function backupRights(kinds: readonly BackupKind[] = []): Permission[] {
  return kinds.flatMap((kind) =>
    kind === 'CronJob'
      ? [
          ...verbs(['get', 'list'], 'batch', 'cronjobs'),
          ...verbs(['get', 'list', 'watch', 'create'], 'batch', 'jobs'),
          ...verbs(['list'], '', 'persistentvolumeclaims'),
        ]
      : [
          ...verbs(['get', 'list'], CNPG, 'scheduledbackups'),
          ...verbs(['get'], CNPG, 'clusters'),
          ...verbs(['get', 'list', 'watch', 'create'], CNPG, 'backups'),
        ],
  )
}
