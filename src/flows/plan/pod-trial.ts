import type { PodMaker } from '../../domain/doctor/pods.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { ClusterPredictor, Prediction } from '../../ports.ts'

/** What the API server says of a pod of a workload, as its controller would make it. Nothing is written. */
export async function tryPod(cluster: ClusterPredictor, maker: PodMaker, signal: AbortSignal): Promise<Prediction> {
  return await cluster.predict(podOf(maker), { mode: 'create' }, signal)
}

/** The same with its annotations, which webhooks go by: as it would come out of them. */
export async function tryInjected(
  cluster: ClusterPredictor,
  maker: PodMaker,
  signal: AbortSignal,
): Promise<Prediction> {
  const { metadata, ...pod } = podOf(maker)
  return await cluster.predict(
    { ...pod, metadata: { ...metadata, annotations: maker.annotations } },
    { mode: 'create' },
    signal,
  )
}

/** The same of the workload itself, under another name: for who may not make pods. Only warnings tell of its pods then. */
export async function tryMaker(
  cluster: ClusterPredictor,
  { object, namespace }: PodMaker,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tried = { ...object, metadata: { name: trialName(object), namespace } }
  const prediction = await cluster.predict(tried, { mode: 'create' }, signal)
  return prediction.kind === 'predicted' ? (prediction.warnings ?? []) : []
}

function trialName({ metadata }: KubeObject): string {
  return `forge-doctor-${metadata.name}`.slice(0, 52).replace(/[^a-z0-9]+$/u, '')
}

/** Its ServiceAccount may be one that only this deploy makes, and would be looked at first. */
function podOf({ object, namespace, labels, spec }: PodMaker) {
  const { serviceAccountName: _name, serviceAccount: _old, ...rest } = spec as Record<string, unknown>
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: trialName(object), namespace, labels }, spec: rest }
}
