import { counted } from '../../domain/screen/counted.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { planSecrets, resolveSecrets } from '../project/secrets.ts'
import { highestRevisions } from '../state/secret-revisions.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'

/** Step 3: every key is resolved and checked in memory, and compared with the cluster. Nothing is written. */
export async function checkSecretsStep(
  context: DeployContext,
  { project: ports, redactor, signal }: DeployPorts,
): Promise<string> {
  const { cluster, project } = context
  if (project.secrets.length === 0) return summary(context)
  const place = { cluster, project: project.name, namespace: project.environment.namespace }
  const [resolved, highest] = await Promise.all([
    resolveSecrets(project, ports, redactor),
    highestRevisions(place, signal),
  ])
  context.secretPlans = await planSecrets(project, resolved, { cluster, signal }, redactor, Object.fromEntries(highest))
  context.warnings.push(...resolved.warnings.map(({ message }) => message))
  return summary(context)
}

function summary({ secretPlans }: DeployContext): string {
  if (secretPlans.length === 0) return 'none in forge.yaml'
  const changing = secretPlans.filter(({ action }) => action === 'create' || action === 'change')
  const checked = `${secretPlans.length} checked`
  return `${checked}, ${changing.length === 0 ? 'no change' : describe(changing)}`
}

function describe(changing: readonly SecretPlan[]): string {
  const made = changing.filter(({ action }) => action === 'create').length
  const changed = changing.filter(({ action }) => action === 'change').map(({ name }) => name)
  return [
    ...(made > 0 ? [counted(made, 'new one', 'new ones')] : []),
    ...(changed.length > 0 ? [`${changed.join(', ')} will change`] : []),
  ].join(', ')
}
