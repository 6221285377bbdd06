import type { Baseline } from './baseline.ts'
import type { PodFacts } from './model.ts'
import { isPodReady, isTerminating, podSpecOf } from './shapes.ts'
import type { ObservedObject } from './object-cache.ts'

/** `old`: of a revision that the rollout replaces. */
export function factsOf(pod: ObservedObject, old: boolean, baseline: Baseline): PodFacts {
  const { object } = pod
  const { nodeName, containers = [] } = podSpecOf(object)
  return {
    name: object.metadata.name,
    ready: isPodReady(object),
    old,
    terminating: isTerminating(object),
    restarts: baseline.restartsSince(pod),
    created: baseline.isNew(pod),
    node: nodeName,
    containers: containers.map(({ name }) => name),
  }
}
