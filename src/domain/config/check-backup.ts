import type { Say } from './checks.ts'
import { suggestion } from './nearest.ts'
import type { Problem } from './position.ts'
import type { Sections } from './schema.ts'

/** Each stage that a backup names must be one. */
export function checkBackups({ backups = {}, stages = {} }: Sections, say: Say): Problem[] {
  const known = Object.keys(stages)
  return Object.entries(backups).flatMap(([name, { before }]) =>
    before.flatMap((stage, index) =>
      known.includes(stage)
        ? []
        : [
            say(
              ['backups', name, 'before', index],
              `names a stage that does not exist: "${stage}"${suggestion(stage, known)}`,
            ),
          ],
    ),
  )
}
