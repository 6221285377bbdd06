import type { KubeObject } from '../../kube.ts'
import { creationSymptoms } from '../rules/creation.ts'
import { specOf, statusOf } from '../shapes.ts'
import {
  UNOBSERVED,
  livePods,
  progressing,
  ready,
  type Assess,
  type Progress,
  type RolloutFacts,
} from './assessment.ts'
import { countOf } from './deployment.ts'
import { listed, podsApart, remarkOn } from './kept-pods.ts'
import type { ObservedObject } from '../object-cache.ts'
import { isOfRevision, isUpdated } from './stateful-pods.ts'

const REVISION_LABEL = 'controller-revision-hash'

export interface StatefulSetFacts extends RolloutFacts {
  /** Pods that there are, ready or not. */
  readonly replicas: number
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
  if (facts.replicas > facts.desired)
    return progressing(`${countOf(facts.replicas - facts.desired, 'pod')} still to go`, counts)
  if (facts.onDelete) return ready(readyDetail(facts))
  if (facts.left > 0) return progressing(`${countOf(facts.left, 'pod')} of the revision before`, counts)
  if (facts.updated < toUpdate && !facts.isCurrent) return progressing(`${facts.updated}/${toUpdate} updated`, counts)
  if (facts.partition > 0) return ready(readyDetail(facts))
  if (!facts.isCurrent) return progressing('its update is being finished', counts)
  return ready(readyDetail(facts))
}

function readyDetail({ ready: count, desired }: StatefulSetFacts): string {
  return desired === 0 ? 'scaled to 0' : `${count}/${desired}`
}

export const assessStatefulSet: Assess = (entry, context) => {
  const { object } = entry
  const { updateRevision } = statusOf(object)
  const pods = context.cache.ownedBy(entry.uid, 'Pod')
  const facts = factsOf(object, pods)
  const observed = facts.observedGeneration >= facts.generation
  const isNew = ({ object: pod }: ObservedObject): boolean => pod.metadata.labels?.[REVISION_LABEL] === updateRevision
  const keeps = facts.onDelete || facts.partition > 0
  const { current, old, kept } = podsApart(pods, isNew, { keeps, observed }, context)
  const progress = judgeStatefulSet(facts)
  return {
    progress: facts.onDelete
      ? remarkOn(progress, kept, 'updateStrategy OnDelete', context)
      : heldBack(progress, kept, facts),
    counts: { ready: facts.ready, wanted: facts.desired },
    current,
    old,
    symptoms: observed ? creationSymptoms(entry, pods.length < facts.desired, false, context) : [],
    countsCrashes: true,
    expectedPods: facts.desired,
    settles: (specOf(object).minReadySeconds ?? 0) === 0,
  }
}

function factsOf(object: KubeObject, pods: readonly ObservedObject[]): StatefulSetFacts {
  const { replicas: desired = 1, updateStrategy, minReadySeconds = 0 } = specOf(object)
  const status = statusOf(object)
  return {
    generation: object.metadata.generation ?? 0,
    observedGeneration: status.observedGeneration ?? 0,
    desired,
    replicas: status.replicas ?? 0,
    ready: (minReadySeconds > 0 ? status.availableReplicas : status.readyReplicas) ?? 0,
    updated: status.updatedReplicas ?? 0,
    partition: updateStrategy?.rollingUpdate?.partition ?? 0,
    onDelete: updateStrategy?.type === 'OnDelete',
    isCurrent: status.updateRevision === status.currentRevision,
    left: pods.filter(({ object: pod }) => isUpdated(pod, object) && !isOfRevision(pod, object)).length,
  }
}

/** Of an older revision because its partition says so; whoever lowers it lets them go. */
function heldBack(progress: Progress, old: readonly ObservedObject[], { partition }: StatefulSetFacts): Progress {
  const pods = livePods(old).map(({ object }) => object.metadata.name)
  if (progress.state !== 'ready' || pods.length === 0) return progress
  return {
    ...progress,
    remark: `${listed(pods)} ${pods.length === 1 ? 'keeps' : 'keep'} an older revision (partition ${partition})`,
  }
}
