import type { BackupMade } from '../domain/backup/model.ts'
import type { PlannedBackup } from '../domain/plan/document.ts'
import { agoOf } from './ago.ts'
import { headRow } from './head.ts'

/** `temporal: appdb-….dump from CronJob/postgres-backup`; of one that was there already, how old it is. */
export function madeText({ name, from, id, object, fresh }: BackupMade, ago?: string): string {
  const what = id === object ? id : `${id} (${object})`
  if (fresh !== true) return `${name}: ${what} from ${from}`
  return `${name}: fresh enough: ${what}${ago === undefined ? '' : `, of ${ago}`}`
}

/** What a plan says of one. */
export function plannedBackupText(planned: PlannedBackup, now: number): string {
  const { name, from, before, state, object, at, why } = planned
  const stage = `stage ${before.join(', ')}`
  const age = at === null ? '' : `, of ${agoOf(now - Date.parse(at))}`
  switch (state) {
    case 'due':
      return `${name} from ${from} would be made before ${stage}`
    case 'fresh':
      return `${name} before ${stage}: fresh enough: ${object ?? ''}${age}`
    case 'running':
      return `${name} before ${stage}: ${object ?? ''}${age} runs and would be waited for`
    case 'nothing':
      return `${name} before ${stage}: nothing to back up, ${why ?? ''}`
    case 'skipped':
      return `${name} from ${from} is left out before ${stage} (--skip-backup)`
    case 'unknown':
      return `${name} from ${from} before ${stage}: not checked, ${why ?? ''}`
  }
}

/** Of the journal: what a person restores. */
export function keptText({ name, id, object, at, fresh }: BackupMade): string {
  const what = id === object ? id : `${id}   ${object}`
  return `${name}   ${what}   ${at.slice(0, 19).replace('T', ' ')} UTC${fresh === true ? ', was there' : ''}`
}

interface Wanted {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly wanted: readonly { readonly name: string; readonly from: string }[]
}

/** What `forge backup` would make. */
export function wantedRows({ wanted, ...place }: Wanted): string[] {
  return [headRow(place), '', ...wanted.map(({ name, from }) => `+ ${name} from ${from}`), '']
}

/** What it has made: what to restore stands first. */
export function backupRows({
  environment,
  backups,
}: Pick<Wanted, 'environment'> & { readonly backups: readonly BackupMade[] }): string[] {
  const count = backups.length === 1 ? '1 backup' : `${backups.length} backups`
  const rows = backups.flatMap(({ name, id, object, from }) => [
    `${name}: ${id}`,
    ...(id === object ? [`  from ${from}`] : [`  ${object} from ${from}`]),
  ])
  return [`Backed up ${environment}: ${count}.`, ...rows]
}
