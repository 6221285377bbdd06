import { creationSymptoms } from '../rules/creation.ts'
import { specOf, statusOf } from '../shapes.ts'
import type { ObservedObject, IndexedObjectCache } from '../object-cache.ts'
import {
  UNOBSERVED,
  isObserved,
  progressing,
  ready,
  type Assess,
  type Progress,
  type RolloutFacts,
} from './assessment.ts'
import { podsApart, remarkOn } from './kept-pods.ts'

export interface DaemonSetFacts extends RolloutFacts {
  readonly updated: number
  readonly available: number
  readonly onDelete: boolean
}

/** The rules of `kubectl rollout status` (https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/). */
export function judgeDaemonSet(facts: DaemonSetFacts): Progress {
  const counts = { ready: facts.available, wanted: facts.desired }
  if (facts.observedGeneration < facts.generation) return progressing(UNOBSERVED, counts)
  if (!facts.onDelete && facts.updated < facts.desired)
    return progressing(`${facts.updated}/${facts.desired} updated`, counts)
  if (facts.available < facts.desired) return progressing(`${facts.available}/${facts.desired} available`, counts)
  return ready(facts.desired === 0 ? 'no node wants it' : `${facts.available}/${facts.desired}`)
}

export const assessDaemonSet: Assess = (entry, context) => {
  const { cache } = context
  const { object } = entry
  const status = statusOf(object)
  const { updateStrategy, minReadySeconds = 0 } = specOf(object)
  const onDelete = updateStrategy?.type === 'OnDelete'
  const observed = isObserved(entry, status.observedGeneration)
  const pods = cache.ownedBy(entry.uid, 'Pod')
  const isNew = revisionTest(entry, cache)
  const { current, old, kept } = podsApart(pods, isNew, { keeps: onDelete, observed }, context)
  const desired = status.desiredNumberScheduled ?? 0
  const progress = judgeDaemonSet({
    generation: object.metadata.generation ?? 0,
    observedGeneration: status.observedGeneration ?? 0,
    desired,
    updated: status.updatedNumberScheduled ?? 0,
    available: status.numberAvailable ?? 0,
    onDelete,
  })
  return {
    progress: remarkOn(progress, kept, 'updateStrategy OnDelete', context),
    counts: { ready: status.numberAvailable ?? 0, wanted: desired },
    current,
    old,
    symptoms: observed ? creationSymptoms(entry, pods.length < desired, false, context) : [],
    countsCrashes: true,
    expectedPods: desired,
    settles: minReadySeconds === 0,
  }
}

/**
 * A DaemonSet's status names no revision. Its pods carry the hash of their ControllerRevision, of which the one with the
 * highest number is wanted; where those are not watched, the template generation says the same (kept for compatibility).
 */
function revisionTest(entry: ObservedObject, cache: IndexedObjectCache): (pod: ObservedObject) => boolean {
  const numberOf = ({ object }: ObservedObject): number => Number(object['revision'] ?? 0)
  const [newest] = cache.ownedBy(entry.uid, 'ControllerRevision').sort((one, other) => numberOf(other) - numberOf(one))
  const hash = newest?.object.metadata.labels?.['controller-revision-hash']
  if (hash !== undefined) return ({ object }) => object.metadata.labels?.['controller-revision-hash'] === hash
  const generation = entry.object.metadata.annotations?.['deprecated.daemonset.template.generation']
  if (generation !== undefined)
    return ({ object }) => object.metadata.labels?.['pod-template-generation'] === generation
  return () => true
}
