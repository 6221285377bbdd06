import { isMap } from '../config/path.ts'
import { count, list, map, text, type Shape } from './shape.ts'

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/condition/ as far as rules read it. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  /** The generation that this condition speaks of, where its controller says so. */
  readonly observedGeneration?: number
}

/** Some controllers write a boolean; whatever is no answer is none. */
const answer: Shape<string> = (value) => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : 'Unknown'
}

const listed = list<Condition>(
  map<Condition>(
    { type: text, status: answer, reason: text, message: text, lastTransitionTime: text, observedGeneration: count },
    ['type', 'status'],
  ),
)

/** A list as everywhere, or (a few operators) a map by type, whose values are conditions or their bare status. */
export const conditionsShape: Shape<readonly Condition[]> = (value) => {
  if (!isMap(value)) return listed(value)
  return listed(Object.entries(value).map(([type, one]) => (isMap(one) ? { ...one, type } : { type, status: one })))
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True'
}
