import type { BackupSpec } from '../config/backup.ts'
import type { KubeObject, ObjectRef } from '../kube.ts'

/** One backup, or the try to make one: a Job of a CronJob, a Backup of CloudNativePG. */
export interface BackupRun {
  readonly ref: ObjectRef
  readonly state: 'running' | 'done' | 'failed'
  /** When it began, in ms since 1970, or a moment before that: what it holds is no older. NaN: nobody says. */
  readonly beganAt: number
}

/** What a backup is made from. */
export interface BackupSource {
  readonly spec: BackupSpec
  readonly namespace: string
  /** The CronJob or ScheduledBackup: as it is live, else as it is rendered. */
  readonly object: KubeObject
  /** Of a ScheduledBackup: the live Cluster that it saves. */
  readonly cluster?: KubeObject
}

/** How it stands with one backup, before a deploy whose Jobs it is for. */
export type BackupStanding =
  | { readonly state: 'due'; readonly source: BackupSource }
  /** Proven, and young enough. */
  | { readonly state: 'fresh'; readonly source: BackupSource; readonly run: BackupRun; readonly ageMs: number }
  /** It would do, if it ends well. */
  | { readonly state: 'running'; readonly source: BackupSource; readonly run: BackupRun; readonly ageMs: number }
  | { readonly state: 'nothing'; readonly why: string }
  | { readonly state: 'skipped' }
  /** Only a plan goes on with that: it may not be looked at. */
  | { readonly state: 'unknown'; readonly why: string }

/** One entry of `backups`, with the stages and Jobs of this deploy that it is for. */
export interface DueBackup {
  readonly spec: BackupSpec
  readonly stages: readonly string[]
  readonly jobs: readonly string[]
  readonly standing: BackupStanding
}

/** One that there is: what the journal, the report and `forge backup` tell. Its fields are public. */
export interface BackupMade {
  readonly name: string
  /** `CronJob/postgres-backup` */
  readonly from: string
  /** `Job/postgres-backup-forge-42` */
  readonly object: string
  /** What a person restores: the names of dumps where the Job says them, else the object's name. */
  readonly id: string
  /** When it began, ISO 8601: it holds what the database held then. */
  readonly at: string
  /** Stages that it was made before; none: by `forge backup`. */
  readonly before: readonly string[]
  /** It was there already. */
  readonly fresh?: true
}

/** `CronJob/postgres-backup` */
export function sourceName({ from }: Pick<BackupSpec, 'from'>): string {
  return `${from.kind}/${from.name}`
}
