import { confinedLegacy } from '../adapters/files/confined-ports.ts'
import { openLegacy } from '../adapters/files/legacy.ts'
import { podCommands } from '../adapters/tools/pod-commands.ts'
import { checkIn } from '../flows/migrate/check.ts'
import type { Saving } from '../flows/migrate/migrate.ts'
import type { ReadSource } from '../flows/migrate/phases.ts'
import { readLiveSource, readSource } from '../flows/migrate/source.ts'
import type { LegacyChoice } from '../domain/plan/saved.ts'
import { fromHere } from './close-plan.ts'
import type { Session } from './session.ts'
import { projectPorts } from './wire.ts'

/** What the old stack was made from, as the command line names it. Without either: what is live under a name that a chart renders. */
export function legacySource({ from: folder, 'from-live': selector }: LegacyChoice, session: Session): ReadSource {
  const { redactor, signal } = session
  return async ({ cluster, project: { environment }, notChecked }) => {
    if (folder !== undefined) {
      const opened = openLegacy(projectPorts(session).files)
      const legacy = session.untrusted === undefined ? opened : confinedLegacy(opened)
      return await readSource(folder, environment.namespace, { legacy, cluster, redactor, signal })
    }
    if (selector === undefined) return []
    return await readLiveSource(selector, environment.namespace, { cluster, redactor, signal }, notChecked)
  }
}

/** As the command line names it; a folder is meant from where forge was started. */
export function legacyChoice(flags: {
  readonly from?: string | undefined
  readonly 'from-live'?: string | undefined
}): LegacyChoice {
  const [from, live] = [fromHere(flags.from), flags['from-live']]
  return { ...(from === undefined ? {} : { from }), ...(live === undefined ? {} : { 'from-live': live }) }
}

/** What `--check` asks, and how. */
export function podChecks(given: readonly string[] = []): Pick<Saving, 'checks' | 'pods'> {
  return { checks: given.map(checkIn), pods: podCommands() }
}
