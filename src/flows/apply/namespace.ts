import type { Project } from '../../domain/config/model.ts'
import type { ClusterWriter } from '../../ports.ts'
import { labelsOf } from '../project/namespace-labels.ts'

/**
 * Makes the namespaces that are missing (of the environment and of its releases), with the labels of `createNamespace`; one
 * that exists is left as it is, labels included. Resolves with whether the environment's was made now.
 */
export async function ensureNamespaces(
  missing: readonly string[],
  { name: project, environment: { name: environment, namespace: home }, releases }: Project,
  cluster: Pick<ClusterWriter, 'create'>,
  signal: AbortSignal,
): Promise<boolean> {
  const own = { 'forge.api-forge.io/project': project, 'forge.api-forge.io/environment': environment }
  const made = await Promise.all(
    missing.map(async (name) => {
      const labels = { ...labelsOf(name, releases), ...own }
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
      return (await cluster.create(namespace, signal)) === undefined ? [] : [name]
    }),
  )
  return made.flat().includes(home)
}
