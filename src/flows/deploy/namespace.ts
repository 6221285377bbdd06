import type { DeployContext } from './context.ts'

/** Made when it is missing; one that exists is left as it is, labels included. Resolves with whether it was made now. */
export async function ensureNamespace(
  { cluster, facts, project }: DeployContext,
  signal: AbortSignal,
): Promise<boolean> {
  if (facts.namespace !== undefined) return false
  const { name: environment, namespace } = project.environment
  const labels = { 'forge.api-forge.io/project': project.name, 'forge.api-forge.io/environment': environment }
  const made = await cluster.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    signal,
  )
  return made !== undefined
}
