import type { KubeObject } from '../../domain/kube.ts'
import type { ClusterReader } from '../../ports.ts'

/** Of a Job of that name, by the label that its controller gives them: of one before it, too. */
export async function podsOfJob(
  { name, namespace = '' }: { readonly name: string; readonly namespace?: string },
  cluster: Pick<ClusterReader, 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`
  return await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector }, signal)
}
