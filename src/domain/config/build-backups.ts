import type { BackupSpec } from './backup.ts'
import { compact } from './compact.ts'
import { parseDuration } from './duration.ts'
import type { Places } from './places.ts'
import type { Sections } from './schema.ts'

const BACKUP_TIMEOUT_MS = 600_000

export function buildBackups(raw: NonNullable<Sections['backups']>, places: Places): BackupSpec[] {
  return Object.entries(raw).map(([name, { from, before, maxAge, timeout }]) => {
    const [kind, of = ''] = from.split('/')
    return compact({
      name,
      from: { kind: kind === 'CronJob' ? ('CronJob' as const) : ('ScheduledBackup' as const), name: of },
      before: [...new Set(before)],
      maxAgeMs: maxAge === undefined ? undefined : parseDuration(maxAge),
      timeoutMs: parseDuration(timeout ?? '') ?? BACKUP_TIMEOUT_MS,
      at: places.of(['backups', name, 'from']),
    })
  })
}
