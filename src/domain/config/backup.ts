import type { Position } from './position.ts'

/** What makes backups: a ScheduledBackup of CloudNativePG gives a Backup, a CronJob a Job. */
export type BackupKind = 'ScheduledBackup' | 'CronJob'

/** One entry of `backups`. */
export interface BackupSpec {
  readonly name: string
  readonly from: { readonly kind: BackupKind; readonly name: string }
  /** Stages of which no Job that migrates runs without it. */
  readonly before: readonly string[]
  /** One that began no longer ago will do. Absent: it is made each time. */
  readonly maxAgeMs?: number
  readonly timeoutMs: number
  /** Where its `from` is. */
  readonly at: Position
}
