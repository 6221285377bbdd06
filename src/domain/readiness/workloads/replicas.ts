import { creationSymptoms } from '../rules/creation.ts'
import { podSpecOf, specOf, statusOf, templateOf, type PodSpec } from '../shapes.ts'
import type { RuleContext } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import {
  UNOBSERVED,
  isObserved,
  progressing,
  ready,
  type Assess,
  type Progress,
  type RolloutFacts,
} from './assessment.ts'
import { countOf } from './deployment.ts'
import { podsApart, remarkOn } from './kept-pods.ts'

export interface ReplicasFacts extends RolloutFacts {
  readonly replicas: number
  readonly available: number
}

/** A ReplicaSet or ReplicationController of its own (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/). */
export function judgeReplicas(facts: ReplicasFacts): Progress {
  const { desired, replicas, available } = facts
  const counts = { ready: Math.min(available, desired), wanted: desired }
  if (facts.observedGeneration < facts.generation) return progressing(UNOBSERVED, counts)
  if (replicas < desired) return progressing(`${replicas}/${desired} made`, counts)
  if (replicas > desired) return progressing(`${countOf(replicas - desired, 'pod')} still to go`, counts)
  if (available < desired) return progressing(`${available}/${desired} available`, counts)
  return ready(desired === 0 ? 'scaled to 0' : `${available}/${desired}`)
}

/** It makes pods of its template, and never replaces one that was made of an older template. */
export const assessReplicas: Assess = (entry, context) => {
  const { object } = entry
  const status = statusOf(object)
  const { replicas: desired = 1, minReadySeconds = 0 } = specOf(object)
  const observed = isObserved(entry, status.observedGeneration)
  const { replicas = 0, availableReplicas: available = 0 } = status
  const pods = context.cache.ownedBy(entry.uid, 'Pod')
  const isNew = (pod: ObservedObject): boolean => isOfTemplate(pod, templateOf(object), context)
  const { current, old, kept } = podsApart(pods, isNew, { keeps: true, observed }, context)
  const progress = judgeReplicas({
    generation: object.metadata.generation ?? 0,
    observedGeneration: status.observedGeneration ?? 0,
    desired,
    replicas,
    available,
  })
  return {
    progress: remarkOn(progress, kept, 'a new template replaces no pod', context),
    counts: { ready: Math.min(available, desired), wanted: desired },
    current,
    old,
    symptoms: observed ? creationSymptoms(entry, pods.length < desired, false, context) : [],
    countsCrashes: true,
    expectedPods: desired,
    settles: minReadySeconds === 0,
  }
}

/** No revision tells the pods apart: by their images, which a webhook may have sent to another registry. */
function isOfTemplate(pod: ObservedObject, template: PodSpec, { isNew }: RuleContext): boolean {
  if (isNew(pod)) return true
  const [wanted, made] = [imagesOf(template), imagesOf(podSpecOf(pod.object))]
  return [...wanted].every(([name, image]) => made.get(name) === image)
}

function imagesOf({ containers = [], initContainers = [] }: PodSpec): Map<string, string | undefined> {
  return new Map([...initContainers, ...containers].map(({ name, image }) => [name, image?.split('/').at(-1)]))
}
