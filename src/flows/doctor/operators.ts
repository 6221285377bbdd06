import { nameOf } from '../../domain/kube.ts'
import { operatorOf } from '../../domain/operators/known.ts'
import { kubectl } from '../../hint.ts'
import { lackOf, workloadsEverywhere } from '../observe/actors.ts'
import { found, passedOver, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { renderedObjects } from '../plan/assess.ts'

/** Custom resources that the charts bring, of operators that forge knows: each needs somebody who acts on it. */
export const checkActors: Check<Compared> = async (known, { signal }) => {
  const rendered = renderedObjects(known)
  const byOperator = Map.groupBy(
    rendered.filter((object) => operatorOf(object) !== undefined),
    operatorOf,
  )
  if (byOperator.size === 0) return []
  const everywhere = await workloadsEverywhere(known.cluster, signal)
  const findings = [...byOperator].flatMap(([operator, objects]): Finding[] => {
    const lack = operator === undefined ? undefined : lackOf(operator, everywhere, rendered)
    const [first] = objects
    if (lack === undefined || operator === undefined || first === undefined) return []
    const more = objects.length > 1 ? ` and ${objects.length - 1} more` : ''
    if (lack.state === 'unchecked') return [passedOver(`who acts on ${nameOf(first)}${more}`, lack.text)]
    const hint = kubectl(['get', 'deployments,statefulsets,daemonsets', '--all-namespaces'])
    return [warn(`nothing acts on ${nameOf(first)}${more}: ${lack.text}`, { hint, where: nameOf(first) })]
  })
  return findings.length > 0 ? findings : [found('the operators of its custom resources run')]
}
