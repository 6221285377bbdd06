import { canRead } from '../../domain/journal/schema.ts'
import { forge } from '../../hint.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refusingKeys } from '../plan/refusing-keys.ts'
import type { StepReport } from '../step.ts'
import { stillRuns, waitForJobs, waitThen } from './pending-jobs.ts'
import type { RollbackEnd } from './rollback-end.ts'

/**
 * Before anything is touched: a Job that still migrates, and a schema that the old code cannot read. In both cases what
 * was deployed stays as it is, and the way out is forward.
 */
export async function standsInTheWay(
  moved: readonly AppliedRelease[],
  context: Followed,
  ports: DeployPorts,
  report: StepReport,
  signal: AbortSignal,
): Promise<RollbackEnd | undefined> {
  const refusing = refusingKeys(context)
  if (refusing.length > 0) return mayNotGoBack(refusing, context)
  const risk = context.atRisk.filter(({ release }) => moved.some((work) => work.release.name === release))
  if (risk.length > 0) return wouldDelete(risk, context)
  for (const work of moved) {
    const { release, rendered: leaving, previous: to } = work
    const { running, jobs, complete } = await waitForJobs({ leaving, to }, context, ports, report, signal)
    if (running.length > 0) return stays(running, context)
    const { schema } = release
    // Without a Job of its own the code migrates when it starts: from helm's end on that may have happened.
    const may = jobs > 0 ? complete : work.progress.revisionAfter !== undefined
    if (schema === undefined || !may) continue
    work.progress.migrated = true
    const before = context.liveEntry?.configuration.releases.find(({ name }) => name === release.name)?.schema
    if (canRead(before, schema)) continue
    const old = `#${context.liveEntry?.number ?? '?'}`
    const now = `the schema of ${release.name} is at ${schema.version} and ${old} cannot read it (E_SCHEMA_GATE): nothing was rolled back, the new release stays as it is until mended code that reads schema ${schema.version} is deployed`
    return {
      restored: false,
      now,
      detail: `not done: ${old} cannot read schema ${schema.version}`,
      hint: forge('deploy', '--env', context.project.environment.name),
    }
  }
  return undefined
}

function mayNotGoBack(keys: readonly string[], { project }: Followed): RollbackEnd {
  const names = keys.join(', ')
  return {
    restored: false,
    now: `${names} may not go back (rollback: refuse): nothing was rolled back, what was deployed stays as it is until mended code is deployed`,
    detail: `not done: ${names} may not go back`,
    hint: forge('deploy', '--env', project.environment.name),
  }
}

function wouldDelete(risk: Followed['atRisk'], { project, liveEntry }: Followed): RollbackEnd {
  const number = liveEntry === undefined ? [] : [String(liveEntry.number)]
  return {
    restored: false,
    now: `${risk.map(({ text }) => text).join('; ')}: nothing was rolled back, what was deployed stays as it is`,
    detail: 'not done: it would delete data',
    hint: forge('rollback', ...number, '--env', project.environment.name, '--dry-run'),
  }
}

function stays(jobs: readonly string[], { project }: Followed): RollbackEnd {
  const { name, namespace } = project.environment
  return {
    restored: false,
    now: `${stillRuns(jobs)}: nothing was rolled back`,
    detail: `not done: ${jobs.join(', ')} still runs`,
    hint: waitThen(jobs, namespace, forge('rollback', '--env', name)),
  }
}
