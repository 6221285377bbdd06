import type { KubeObject } from '../kube.ts'
import { podsOfObject } from '../logs/component.ts'
import { conditionOf, isTrue } from '../readiness/conditions.ts'
import { specOf, statusOf } from '../readiness/shapes.ts'
import { HIBERNATION } from '../operators/hold.ts'
import { hasEnded } from '../pod-phase.ts'
import { rests, wayOf } from './way.ts'

/** What is still to be waited for before an object is at rest; undefined: its pods are gone. */
export function notAtRest(object: KubeObject, pods: readonly KubeObject[]): string | undefined {
  const way = wayOf(object)
  if (!rests(object))
    return way === 'scale' ? 'not scaled to 0' : way === 'suspend' ? 'not suspended' : 'not hibernated'
  if (way === 'suspend') return undefined
  if (way === 'hibernate' && !isTrue(statusOf(object).conditions, HIBERNATION))
    return `its operator has not hibernated it: ${conditionOf(statusOf(object).conditions, HIBERNATION)?.reason ?? 'nothing said'}`
  if (way === 'scale' && isBehind(object)) return 'its controller has not seen it yet'
  const own = pods.filter(podsOfObject(object)).filter((pod) => !hasEnded(pod))
  return own.length === 0 ? undefined : `${own.length} ${own.length === 1 ? 'pod' : 'pods'} left`
}

/** Whether its operator has woken it: until then what its status says may be of before it slept. */
export function isAwake(object: KubeObject): boolean {
  if (wayOf(object) !== 'hibernate') return true
  const { instances = 1 } = specOf(object)
  const { readyInstances = 0, conditions } = statusOf(object)
  return !isTrue(conditions, HIBERNATION) && readyInstances >= instances
}

function isBehind(object: KubeObject): boolean {
  const { observedGeneration } = statusOf(object)
  const { generation } = object.metadata
  return observedGeneration !== undefined && generation !== undefined && observedGeneration < generation
}
