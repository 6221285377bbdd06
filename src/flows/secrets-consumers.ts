import type { KubeObject } from '../domain/kube.ts'
import type { ClusterReader } from '../ports.ts'
import { ROLLED_OUT } from '../domain/workload-kinds.ts'

/** The long-running workloads of a namespace. */
export async function readWorkloads(
  namespace: string,
  { cluster, signal }: { readonly cluster: Pick<ClusterReader, 'list'>; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(ROLLED_OUT.map(async (kind) => await cluster.list(kind, { namespace }, signal)))
  return lists.flat()
}
