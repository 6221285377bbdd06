import { recover } from '../recovery/recover.ts'
import type { DeployContext, DeployPorts } from './context.ts'
import { readJournal } from './prepare.ts'

/**
 * A deploy that was interrupted is put right before anything else is looked at, under the lock: what the next steps plan
 * with is then a state that was deployed and proven. Throws E_LOCKED where it is not dead at all.
 */
export async function recoverFirst(context: DeployContext, ports: DeployPorts): Promise<void> {
  // While it was waited for, others have deployed.
  if (context.lease !== undefined) await readJournal(context, ports)
  if (context.interrupted === undefined) return
  const { cluster, charts, project, lease } = context
  const { name: environment, namespace } = project.environment
  const place = { project: project.name, namespace, environment, flags: ['--env', environment], cluster, charts }
  await recover(
    { ...place, releases: project.releases },
    { ...ports, lease, refuseReleased: true },
    { dryRun: false, adoptPending: false, prove: false },
  )
  await readJournal(context, ports)
}
