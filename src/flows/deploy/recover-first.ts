import type { Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { recover } from '../recovery/recover.ts'
import { open } from '../observe/open.ts'

/**
 * A deploy that was interrupted is put right before anything else is looked at, under the lock: what the next steps plan
 * with is then a state that was deployed and proven. Throws E_LOCKED where it is not dead at all.
 */
export async function recoverFirst(opened: Opened, ports: DeployPorts): Promise<Opened> {
  // While the lock was waited for, others have deployed.
  const known = opened.lease === undefined ? opened : await open(opened, ports)
  if (known.interrupted === undefined) return known
  const { cluster, charts, project, lease } = known
  const { name: environment, namespace } = project.environment
  const scope = { project: project.name, namespace, environment, flags: ['--env', environment], cluster, charts }
  await recover(
    { ...scope, releases: project.releases, checkout: project },
    { ...ports, lease, refuseReleased: true },
    { dryRun: false, adoptPending: false, prove: false },
  )
  return await open(known, ports)
}
