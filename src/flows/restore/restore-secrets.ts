import type { SecretPlan } from '../../domain/secrets/model.ts'
import { planRestore } from '../../domain/secrets/restore.ts'
import { rulesOf } from '../plan/refusing-keys.ts'
import { readRevision } from '../state/secret-revisions.ts'
import { writeSecrets } from '../state/write-secrets.ts'
import type { Applied } from '../phases/applied.ts'

/**
 * The secrets that this deploy changed, as they were; keys with `rollback: keep` stay as this deploy wrote them. One that
 * it made stays: nothing used it before, and deleting is never forge's to decide.
 */
export async function restoreSecrets({ cluster, project, secretPlans }: Applied, signal: AbortSignal): Promise<void> {
  const { namespace } = project.environment
  const scope = { cluster, project: project.name, namespace }
  const changed = secretPlans.flatMap(({ name, object, revision, revisionBefore }) =>
    object === undefined || revisionBefore === undefined ? [] : [{ name, revision, revisionBefore }],
  )
  const plans = await Promise.all(
    changed.map(async ({ name, revision, revisionBefore }): Promise<SecretPlan> => {
      const [wanted, live] = await Promise.all([
        readRevision(scope, name, revisionBefore, signal),
        cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal),
      ])
      const rules = rulesOf(name, project)
      return planRestore({ name, wanted, revision: revisionBefore, live, rules, lastRevision: revision }).plan
    }),
  )
  await writeSecrets(scope, plans, signal)
}
