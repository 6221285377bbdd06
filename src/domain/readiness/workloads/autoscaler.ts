import type { KubeObject } from '../../kube.ts'
import { conditionOf, conditionsShape, type Condition } from '../conditions.ts'
import { statusOf } from '../shapes.ts'
import { words } from '../symptom.ts'
import { progressing, ready, type Assess, type Progress, withoutPods } from './assessment.ts'
import { parseJson } from '../../json.ts'

/** Where autoscaling/v1 keeps the conditions, as JSON (pkg/apis/autoscaling/annotations.go). */
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'

/** A target that is scaled to 0 is left alone, as somebody wants. */
const SWITCHED_OFF = 'ScalingDisabled'

/**
 * A HorizontalPodAutoscaler works when it finds its target and the metrics it decides by
 * (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/, "Status Conditions").
 */
export function judgeAutoscaler(conditions: readonly Condition[]): Progress {
  const able = conditionOf(conditions, 'AbleToScale')
  const active = conditionOf(conditions, 'ScalingActive')
  if (able === undefined) return progressing('its controller has not looked at it yet')
  if (able.status !== 'True') return progressing(sayOf(able, 'cannot scale its target'))
  if (active === undefined) return progressing('its metrics were not read yet')
  if (active.status === 'True') return ready('scales its target')
  return active.reason === SWITCHED_OFF
    ? ready('its target is scaled to 0')
    : progressing(sayOf(active, 'finds no metrics'))
}

export const assessAutoscaler: Assess = ({ object }) => {
  const progress = judgeAutoscaler(statusOf(object).conditions ?? noted(object))
  return withoutPods(progress, { ready: progress.state === 'ready' ? 1 : 0, wanted: 1 })
}

function noted({ metadata: { annotations } }: KubeObject): readonly Condition[] {
  const text = annotations?.[CONDITIONS]
  // What cannot be read has not been said.
  return (text === undefined ? undefined : conditionsShape(parseJson(text))) ?? []
}

function sayOf({ message = '', reason }: Condition, otherwise: string): string {
  return message === '' ? (reason ?? otherwise) : words(message)
}
