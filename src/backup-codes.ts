/** The codes of backups before migrations; part of the table of all codes (error-codes.ts). */
export const BACKUP_CODES = {
  E_BACKUP_FAILED: {
    exit: 3,
    about:
      'A backup that is to be there before a migration could not be made, so nothing was deployed. Its Job or Backup is still in the cluster and says why.',
  },
  E_BACKUP_MISSING: {
    exit: 3,
    about:
      'The CronJob that makes a backup comes only with this deploy, which would migrate data that is there already before that.',
  },
  E_BACKUP_RUNS: {
    exit: 3,
    about: 'The CronJob lets one Job run at a time (concurrencyPolicy: Forbid), and one runs.',
  },
  E_BACKUP_SOURCE: {
    exit: 3,
    about: 'A backup of forge.yaml is from a CronJob or ScheduledBackup that neither the cluster nor a chart has.',
  },
  E_BACKUP_TIMEOUT: {
    exit: 3,
    about:
      'A backup was not there when its time (`timeout`) was up, so nothing was deployed. It goes on in the cluster.',
  },
  E_BACKUP_UNKNOWN: { exit: 2, about: 'forge.yaml has no backup of that name.' },
} as const satisfies Record<string, { exit: number; about: string }>
