import type { KubeObject } from '../domain/kube.ts'
import type { ClusterReader } from '../ports.ts'

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet']

/** The long-running workloads of a namespace. */
export async function readWorkloads(
  namespace: string,
  { cluster, signal }: { readonly cluster: Pick<ClusterReader, 'list'>; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    KINDS.map(async (kind) => await cluster.list({ apiVersion: 'apps/v1', kind }, { namespace }, signal)),
  )
  return lists.flat()
}
