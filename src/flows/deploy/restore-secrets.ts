import type { SecretPlan } from '../../domain/secrets/model.ts'
import { planRestore } from '../../domain/secrets/restore.ts'
import { readRevision } from '../state/secret-revisions.ts'
import { writeSecrets } from '../state/write-secrets.ts'
import type { Applied } from '../phases/applied.ts'

/** Keys that this deploy changed and that may not go back, as `app-secrets oidc_google`. */
export function refusingKeys({ secretPlans, project }: Pick<Applied, 'secretPlans' | 'project'>): string[] {
  return secretPlans.flatMap(({ name, changedKeys, revisionBefore }) => {
    const rules = rulesOf(name, project)
    return revisionBefore === undefined
      ? []
      : changedKeys.filter((key) => rules[key] === 'refuse').map((key) => `${name} ${key}`)
  })
}

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

function rulesOf(name: string, { secrets }: Applied['project']): Readonly<Record<string, 'keep' | 'refuse'>> {
  const keys = secrets.find((one) => one.name === name)?.keys ?? []
  return Object.fromEntries(keys.flatMap(({ key, rollback }) => (rollback === 'restore' ? [] : [[key, rollback]])))
}
