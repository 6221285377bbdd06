import type { DeployContext } from './context.ts'

/** Made when it is missing; one that exists is left as it is, labels included. */
export async function ensureNamespace({ cluster, facts, project }: DeployContext, signal: AbortSignal): Promise<void> {
  if (facts.namespace !== undefined) return
  const { name: environment, namespace } = project.environment
  const labels = { 'forge.api-forge.io/project': project.name, 'forge.api-forge.io/environment': environment }
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }, signal)
}
