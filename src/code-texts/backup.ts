import { said } from './text.ts'

/** Backups before migrations. */
export const BACKUP_TEXTS = {
  E_BACKUP_FAILED: said(
    'A migration cannot be undone: without what there was before it nothing runs that does it.',
    'backup temporal could not be made: cannot proceed with the backup as the cluster has no backup section',
    ['What does it say?', 'kubectl describe KIND NAME -n NAMESPACE'],
    ['Deploy once without backups, if there is one by other means.', 'forge deploy --env ENV --skip-backup'],
  ),
  E_BACKUP_MISSING: said(
    'The CronJob was added to the chart together with the migration that it is to precede.',
    'CronJob/postgres-backup makes backup temporal and comes only with this deploy, which would migrate before that: PersistentVolumeClaim/postgres-data holds data',
    'Deploy the CronJob first, without what migrates.',
    ['Or once without the backup.', 'forge deploy --env ENV --skip-backup'],
  ),
  E_BACKUP_RUNS: said(
    'concurrencyPolicy: Forbid says that two at once would be in the way of each other.',
    'CronJob/postgres-backup lets one Job run at a time, and Job/postgres-backup-29401 runs',
    ['Wait for it.', 'kubectl wait --for=condition=complete job/NAME -n NAMESPACE'],
  ),
  E_BACKUP_SOURCE: said(
    'A name that nothing has would be missed on the day when the backup is needed.',
    'backup temporal is from CronJob/postgres-bakcup, which neither the cluster nor a chart has; did you mean "CronJob/postgres-backup"?',
    ['What is there?', 'kubectl get cronjobs -n NAMESPACE'],
    'Put its name into `from`; an environment that has none says `backups: { NAME: null }`.',
  ),
  E_BACKUP_TIMEOUT: said(
    'The data has grown, the storage is slow, or no operator runs that would take it up.',
    'backup temporal is not there after 10m: Backup/temporal-postgres-forge-42 is started',
    ['How far is it?', 'kubectl describe KIND NAME -n NAMESPACE'],
    'Give it a longer `timeout`. With `maxAge` the one that goes on counts for the next deploy.',
  ),
  E_BACKUP_UNKNOWN: said(
    'A slip of the name, or the environment has taken it away.',
    'forge.yaml has no backup "temproal" for prod; did you mean "temporal"?',
    ['Make all that there are.', 'forge backup --env ENV'],
  ),
} as const
