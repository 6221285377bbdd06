import { capacityFindings, podSpecOf, type PodSpec } from '../../domain/access/capacity.ts'
import { podMakers } from '../../domain/doctor/pods.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { kubectl } from '../../hint.ts'
import { inParallel } from '../in-parallel.ts'
import type { Desired } from '../phases/desired.ts'
import { passedOver, refuse, warn, type Check } from '../phases/findings.ts'
import { renderedObjects } from './assess.ts'
import { tryPod } from './pod-trial.ts'
import { DRY_RUNS_AT_ONCE } from './predict.ts'

/** Whether the nodes take the pods. Where only taints keep them away, the API server is asked what it makes of such a pod. */
export const checkCapacity: Check<Desired> = async (known, { signal }) => {
  const { nodes } = known.facts
  if (nodes === undefined) return [passedOver('room on the nodes', 'you may not list nodes')]
  const objects = renderedObjects(known)
  const first = capacityFindings(objects, nodes)
  const tainted = first.flatMap((one) => one.tainted ?? [])
  const findings =
    tainted.length === 0 ? first : capacityFindings(objects, nodes, await admittedOf(tainted, known, signal))
  const hint = kubectl(['describe', 'nodes'])
  return findings.map(({ certain, message, where }) =>
    certain ? refuse('E_CAPACITY', message, { hint, where }) : warn(message, { hint, where }),
  )
}

/** Pods with what admission adds to them; of those that may not be tried nothing. */
async function admittedOf(
  objects: readonly KubeObject[],
  { cluster, project }: Pick<Desired, 'cluster' | 'project'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<KubeObject, PodSpec>> {
  const makers = podMakers(objects, project.environment.namespace)
  const tried = await inParallel(makers, DRY_RUNS_AT_ONCE, async (maker) => {
    const prediction = await tryPod(cluster, maker, signal)
    const spec = prediction.kind === 'predicted' ? podSpecOf(prediction.object) : undefined
    return spec === undefined ? [] : [[maker.object, spec] as const]
  })
  return new Map(tried.flat())
}
