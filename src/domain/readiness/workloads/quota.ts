import { isMap } from '../../config/path.ts'
import { parseQuantity } from '../../quantity.ts'
import { progressing, ready, withoutPods, type Assess, type Progress } from './assessment.ts'

/** Amounts by resource. */
type Amounts = Readonly<Record<string, unknown>>

/**
 * A ResourceQuota is counted once its status says the amounts of its spec; until then admission refuses whatever it limits
 * (https://kubernetes.io/docs/concepts/policy/resource-quotas/). Its controller writes no `observedGeneration`.
 */
export function judgeQuota(wanted: Amounts, counted: Amounts): Progress {
  const names = new Set([...Object.keys(wanted), ...Object.keys(counted)])
  const isCounted = [...names].every((name) => amount(wanted[name]) === amount(counted[name]))
  return isCounted ? ready('counted') : progressing('not counted yet')
}

export const assessQuota: Assess = ({ object: { spec, status } }) => {
  const progress = judgeQuota(hardOf(spec), hardOf(status))
  return withoutPods(progress, { ready: progress.state === 'ready' ? 1 : 0, wanted: 1 })
}

function hardOf(part: unknown): Amounts {
  const hard = isMap(part) ? part['hard'] : undefined
  return isMap(hard) ? hard : {}
}

function amount(text: unknown): number | undefined {
  return parseQuantity(String(text))
}
