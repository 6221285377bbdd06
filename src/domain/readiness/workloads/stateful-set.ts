import { creationSignals } from '../rules/creation.ts'
import { specOf, statusOf } from '../shapes.ts'
import { UNOBSERVED, isObserved, progressing, ready, type Assess, type Progress } from './assessment.ts'
import { countOf } from './deployment.ts'
import { isOfRevision, isUpdated } from './stateful-pods.ts'

const REVISION_LABEL = 'controller-revision-hash'

export interface StatefulSetFacts {
  readonly generation: number
  readonly observedGeneration: number
  readonly desired: number
  /** Ready, or available where `minReadySeconds` asks for more. */
  readonly ready: number
  readonly updated: number
  /** Pods with a lower ordinal keep the old revision. */
  readonly partition: number
  readonly onDelete: boolean
  /** `status.updateRevision` equals `status.currentRevision`: the controller has finished. */
  readonly isCurrent: boolean
  /** Pods that are to be updated and are not: of a set that was made again, the status alone does not tell. */
  readonly left: number
}

/** The rules of `kubectl rollout status` (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies). */
export function judgeStatefulSet(facts: StatefulSetFacts): Progress {
  const counts = { ready: facts.ready, wanted: facts.desired }
  const toUpdate = Math.max(facts.desired - facts.partition, 0)
  if (facts.observedGeneration < facts.generation) return progressing(UNOBSERVED, counts)
  if (facts.ready < facts.desired) return progressing(`${facts.ready}/${facts.desired} ready`, counts)
  if (facts.onDelete)
    return ready(
      facts.isCurrent
        ? readyDetail(facts)
        : `${readyDetail(facts)}, old revision until its pods are deleted (OnDelete)`,
    )
  if (facts.left > 0) return progressing(`${countOf(facts.left, 'pod')} of the revision before`, counts)
  if (facts.updated < toUpdate && !facts.isCurrent) return progressing(`${facts.updated}/${toUpdate} updated`, counts)
  if (facts.partition > 0)
    return ready(
      `${readyDetail(facts)}, ${countOf(Math.min(facts.partition, facts.desired), 'pod')} held back by its partition`,
    )
  if (!facts.isCurrent) return progressing('its update is being finished', counts)
  return ready(readyDetail(facts))
}

function readyDetail({ ready: count, desired }: StatefulSetFacts): string {
  return desired === 0 ? 'scaled to 0' : `${count}/${desired}`
}

export const assessStatefulSet: Assess = (entry, scene) => {
  const { object } = entry
  const spec = specOf(object)
  const status = statusOf(object)
  const { replicas: desired = 1, updateStrategy, minReadySeconds = 0 } = spec
  const onDelete = updateStrategy?.type === 'OnDelete'
  const observed = isObserved(entry, status.observedGeneration)
  const pods = scene.world.ownedBy(entry.uid, 'Pod')
  const isNew = (label: string | undefined): boolean => onDelete || label === status.updateRevision
  const current = observed ? pods.filter(({ object: pod }) => isNew(pod.metadata.labels?.[REVISION_LABEL])) : []
  const facts: StatefulSetFacts = {
    generation: object.metadata.generation ?? 0,
    observedGeneration: status.observedGeneration ?? 0,
    desired,
    ready: (minReadySeconds > 0 ? status.availableReplicas : status.readyReplicas) ?? 0,
    updated: status.updatedReplicas ?? 0,
    partition: updateStrategy?.rollingUpdate?.partition ?? 0,
    onDelete,
    isCurrent: status.updateRevision === status.currentRevision,
    left: pods.filter(({ object: pod }) => isUpdated(pod, object) && !isOfRevision(pod, object)).length,
  }
  return {
    progress: judgeStatefulSet(facts),
    counts: { ready: facts.ready, wanted: desired },
    current,
    old: pods.filter((pod) => !current.includes(pod)),
    signals: observed ? creationSignals(entry, pods.length < desired, false, scene) : [],
    countsCrashes: true,
    expectedPods: desired,
    settles: minReadySeconds === 0,
  }
}
