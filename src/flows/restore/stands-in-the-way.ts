import { canRead } from '../../domain/journal/schema.ts'
import type { WentBack } from '../../domain/restore/model.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { Writer } from '../apply/write-session.ts'
import { refusingKeys } from '../plan/refusing-keys.ts'
import { waitForJobs } from './pending-jobs.ts'

/**
 * Before anything is touched: a Job that still migrates, and a schema that the old code cannot read. In both cases what
 * was deployed stays as it is, and the way out is forward.
 */
export async function standsInTheWay(
  moved: readonly AppliedRelease[],
  context: Followed,
  { ports, report }: Writer,
  signal: AbortSignal,
): Promise<WentBack | undefined> {
  const refusing = refusingKeys(context)
  if (refusing.length > 0) return { kind: 'refusing', keys: refusing }
  const risk = context.atRisk.filter(({ release }) => moved.some((work) => work.release.name === release))
  if (risk.length > 0) return { kind: 'data-loss', losses: risk.map(({ text }) => text) }
  for (const work of moved) {
    const { release, rendered: leaving, previous: to } = work
    const { running, jobs, complete } = await waitForJobs({ leaving, to }, context, ports, report, signal)
    if (running.length > 0) return { kind: 'job-runs', jobs: running }
    const { schema } = release
    // Without a Job of its own the code migrates when it starts: from helm's end on that may have happened.
    const may = jobs > 0 ? complete : work.progress.revisionAfter !== undefined
    if (schema === undefined || !may) continue
    work.progress.migrated = true
    const before = context.liveEntry?.configuration.releases.find(({ name }) => name === release.name)?.schema
    if (canRead(before, schema)) continue
    const saved = (context.secured ?? []).map(({ name, id }) => `${name}: ${id}`)
    return {
      kind: 'schema',
      release: release.name,
      version: schema.version,
      ...(saved.length === 0 ? {} : { saved }),
    }
  }
  return undefined
}
