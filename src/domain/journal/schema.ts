import type { JournalEntry } from './model.ts'
import { wasReady } from './retention.ts'

/** `schema` of a release: the version that its code brings, and the oldest code that can still work with it. */
export interface SchemaVersion {
  readonly version: number
  readonly oldestReader: number
}

/**
 * The schema that each release's database has, as far as the journal knows: the highest that any deploy reached since
 * the data was last deleted. Going back to older code does not take a migration back.
 */
export function databaseSchemas(entries: readonly JournalEntry[]): Map<string, SchemaVersion> {
  const emptied = entries.filter(({ deleted = [] }) => deleted.length > 0).map(({ number }) => number)
  const since = Math.max(0, ...emptied)
  const found = new Map<string, SchemaVersion>()
  for (const entry of entries) {
    if (entry.number <= since) continue
    const own = wasReady(entry) ? entry.configuration.releases : []
    for (const [name, schema] of [
      ...own.map((one) => [one.name, one.schema] as const),
      ...entry.releases.map((one) => [one.name, one.database] as const),
    ]) {
      if (schema !== undefined && schema.version > (found.get(name)?.version ?? -1)) found.set(name, schema)
    }
  }
  return found
}

/** Code for schema N may run on a database at V when V's oldestReader is at most N. Code that names no schema is not judged. */
export function canRead(code: SchemaVersion | undefined, database: SchemaVersion | undefined): boolean {
  return code === undefined || database === undefined || database.oldestReader <= code.version
}
