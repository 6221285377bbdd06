import type { Hint } from '../../../hint.ts'
import { isMap } from '../../config/path.ts'
import { isPodReady, isTerminating, podSpecOf } from '../shapes.ts'
import { ALWAYS_FRESH, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { specSince } from './observed.ts'

export interface Instances {
  /** Instances as they are to be, and pods of its Jobs. */
  readonly current: readonly ObservedObject[]
  /** Instances with another image than the one that the operator works with: what fails of them is past. */
  readonly outdated: readonly ObservedObject[]
}

/** The operator makes a pod anew whose image is not the one in the status (internal/controller/cluster_upgrade.go, checkPodImageIsOutdated). */
export function instancesOf(entry: ObservedObject, { cache }: Pick<RuleContext, 'cache'>): Instances {
  const pods = cache.podsBelow(entry.uid)
  const { status } = entry.object
  const image = isMap(status) ? status['image'] : undefined
  const isOutdated = ({ object }: ObservedObject): boolean => {
    const own = podSpecOf(object).containers?.find(({ name }) => name === 'postgres')?.image
    return typeof image === 'string' && own !== undefined && own !== image
  }
  return { current: pods.filter((pod) => !isOutdated(pod)), outdated: pods.filter(isOutdated) }
}

/**
 * An instance that never came up keeps its image for ever, also when another one is wanted by now: its operator waits for it to be
 * active before it makes any anew (internal/controller/cluster_controller.go, reconcileResources; tried with 1.27.1).
 */
export function stuckSymptoms(
  entry: ObservedObject,
  { outdated }: Instances,
  { kubectl, options }: Pick<RuleContext, 'kubectl' | 'options'>,
): Symptom[] {
  const stuck = outdated.filter(({ object }) => !isPodReady(object) && !isTerminating(object))
  const [first] = stuck
  if (first === undefined) return []
  const { name } = first.object.metadata
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is stalled: ${name} has the image of before and does not get ready, and its operator makes no other pod before it is`,
      brief: `${name} has the image of before and does not get ready`,
      on: first,
      below: [],
      hint: kubectl(['delete', 'pod', '--wait=false', ...stuck.map(({ object }) => object.metadata.name)]),
      dueAt: specSince(entry) + options.controllerGraceMs,
      seq: ALWAYS_FRESH,
    },
  ]
}

/** What ends an update that is supervised (https://cloudnative-pg.io/documentation/current/rolling_update/). */
export function promotionOf(
  { object }: ObservedObject,
  primary: string,
  { current }: Instances,
  { kubectl }: Pick<RuleContext, 'kubectl'>,
): Hint {
  const { name } = object.metadata
  const next = current.find((pod) => pod.object.metadata.name !== primary && isPodReady(pod.object))
  return kubectl([
    'cnpg',
    ...(next === undefined ? ['restart', name, primary] : ['promote', name, next.object.metadata.name]),
  ])
}
