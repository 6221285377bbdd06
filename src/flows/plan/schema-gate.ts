import { canRead } from '../../domain/journal/schema.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Opened } from '../phases/opened.ts'

/**
 * Before anything is touched, in a deploy and in a rollback: old code could not read what the database holds by now. Throws
 * E_SCHEMA_GATE; with `--accept-data-loss` it is a warning.
 */
export function checkSchemas({ project, databases, target, options, warnings }: Omit<Opened, 'cluster'>): void {
  for (const { name, schema, at } of project.releases) {
    const database = databases.get(name)
    if (database === undefined || schema === undefined || canRead(schema, database)) continue
    const who = target === undefined ? 'this project' : `#${target.number}`
    const { version, oldestReader } = database
    const what = `${who} has code for schema ${schema.version} of ${name}, and its database is at ${version}, which only ${oldestReader} and newer can read`
    if (options.acceptDataLoss === true) {
      warnings.push(`${what} (--accept-data-loss)`)
      continue
    }
    throw new ForgeError('E_SCHEMA_GATE', what, {
      hint: forge('deploy', '--env', project.environment.name),
      where: target === undefined ? `${at.file}:${at.line}` : `release ${name}, schema ${schema.version}`,
      chain: [who, `schema ${schema.version}`, `database at ${version}`],
    })
  }
}
