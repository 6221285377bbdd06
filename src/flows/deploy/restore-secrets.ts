import { readRevision } from '../state/secret-revisions.ts'
import type { DeployContext } from './context.ts'

/**
 * The secrets that this deploy changed, as they were. One that it made stays: nothing used it before, and deleting is
 * never forge's to decide.
 */
export async function restoreSecrets(
  { cluster, project, secretPlans }: DeployContext,
  signal: AbortSignal,
): Promise<void> {
  const place = { cluster, project: project.name, namespace: project.environment.namespace }
  const changed = secretPlans.filter(
    ({ object, revisionBefore }) => object !== undefined && revisionBefore !== undefined,
  )
  await Promise.all(
    changed.map(async ({ name, revisionBefore }) => {
      if (revisionBefore !== undefined)
        await cluster.apply(await readRevision(place, name, revisionBefore, signal), signal)
    }),
  )
}
