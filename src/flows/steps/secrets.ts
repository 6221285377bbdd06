import { counted } from '../../domain/screen/counted.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { showProblem } from '../../domain/config/position.ts'
import { planSecrets } from '../project/plan-secrets.ts'
import { resolveSecrets } from '../project/secrets.ts'
import { usedSecrets } from '../project/used-secrets.ts'
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
  const images = Object.fromEntries(context.images)
  const used = async () => await usedSecrets(project, { ...ports, charts: context.charts }, images)
  const { plans, warnings, unused } = await planSecrets(project, resolved, { cluster, signal, used }, redactor, highest)
  context.secretPlans = plans
  context.warnings.push(...warnings.map(showProblem))
  return summary(context, unused)
}

function summary({ secretPlans }: DeployContext, unused: readonly string[] = []): string {
  const left = unused.length === 0 ? [] : [`${unused.join(', ')} not used`]
  if (secretPlans.length === 0) return left[0] ?? 'none in forge.yaml'
  const changing = secretPlans.filter(({ action }) => action === 'create' || action === 'change')
  const kept = secretPlans.flatMap(({ keys }) => keys.filter(({ change }) => change === 'kept')).length
  return [
    `${secretPlans.length} checked`,
    ...(kept === 0 ? [] : [`${counted(kept, 'key')} kept as the cluster has ${kept === 1 ? 'it' : 'them'}`]),
    changing.length === 0 ? 'no change' : describe(changing),
    ...left,
  ].join(', ')
}

function describe(changing: readonly SecretPlan[]): string {
  const made = changing.filter(({ action }) => action === 'create').length
  const changed = changing.filter(({ action }) => action === 'change').map(({ name }) => name)
  return [
    ...(made > 0 ? [counted(made, 'new one', 'new ones')] : []),
    ...(changed.length > 0 ? [`${changed.join(', ')} will change`] : []),
  ].join(', ')
}
