import type { Observed } from '../phases/observed.ts'

/**
 * Those of the environment and of its releases are made where they are missing; one that exists is left as it is, labels
 * included. Resolves with whether the environment's was made now.
 */
export async function ensureNamespaces({ cluster, facts, project }: Observed, signal: AbortSignal): Promise<boolean> {
  const { name: environment, namespace: home } = project.environment
  const labels = { 'forge.api-forge.io/project': project.name, 'forge.api-forge.io/environment': environment }
  const missing = facts.namespaces.filter(({ object }) => object === undefined)
  const made = await Promise.all(
    missing.map(async ({ name }) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
      return (await cluster.create(namespace, signal)) === undefined ? [] : [name]
    }),
  )
  return made.flat().includes(home)
}
