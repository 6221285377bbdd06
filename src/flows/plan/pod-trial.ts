import type { PodMaker } from '../../domain/doctor/pods.ts'
import type { ClusterPredictor, Prediction } from '../../ports.ts'

/** What the API server says of a pod of a workload, as its controller would make it. Nothing is written. */
export async function tryPod(cluster: ClusterPredictor, maker: PodMaker, signal: AbortSignal): Promise<Prediction> {
  return await cluster.predict(podOf(maker), { mode: 'create' }, signal)
}

/** Its ServiceAccount may be one that only this deploy makes, and would be looked at first. */
function podOf({ object, namespace, labels, spec }: PodMaker) {
  const { serviceAccountName: _name, serviceAccount: _old, ...rest } = spec as Record<string, unknown>
  const name = `forge-doctor-${object.metadata.name}`.slice(0, 63).replace(/[^a-z0-9]+$/u, '')
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: rest }
}
