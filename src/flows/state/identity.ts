import type { Environment } from '../../domain/config/model.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'

/**
 * A context may be edited to point elsewhere; the uid of kube-system cannot (docs/design.md, forge.yaml). Throws
 * E_CLUSTER_IDENTITY when the environment names another cluster by uid.
 */
export async function requireIdentity(
  cluster: Pick<ClusterReader, 'get' | 'context'>,
  { cluster: target, name, at }: Environment,
  signal: AbortSignal,
): Promise<void> {
  if (target.sandbox || target.uid === undefined) return
  const system = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal)
  const found = system?.metadata.uid ?? 'unknown'
  if (found === target.uid) return
  throw new ForgeError(
    'E_CLUSTER_IDENTITY',
    `context ${cluster.context} leads to cluster ${found}, but environment ${name} belongs to ${target.uid}`,
    {
      hint: kubectl(['config', 'get-contexts']),
      where: `${at.file}:${at.line}`,
    },
  )
}
