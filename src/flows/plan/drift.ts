import { keyOf, nameOf } from '../../domain/kube.ts'
import { heldConflicts } from '../../domain/plan/conflicts.ts'
import { overwrittenDrift } from '../../domain/plan/document.ts'
import { counted } from '../../screen/counted.ts'
import { shortField } from '../../screen/plan-fields.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { Assessed } from '../phases/planned.ts'

/**
 * With the policy `refuse` nobody's change is taken back without a word. helm 4 would fail on it in the middle of the
 * upgrade and helm 3 would overwrite it in silence; forge ends the same with both. A plan shows it.
 */
export const checkDrift: Check<Assessed> = ({ releases, project, policy }) => {
  const { drift, at } = project.environment
  if (drift.policy === 'overwrite') return []
  const plans = releases.flatMap((work) => work.plans)
  const drifted = overwrittenDrift(plans).map(({ plan, field: { path, manager } }) => ({ plan, path, manager }))
  const known = new Set(drifted.map(({ plan, path }) => `${keyOf(plan.ref)} ${path}`))
  const held = heldConflicts(plans)
    .map(({ plan, conflict: { field, manager } }) => ({ plan, path: field, manager }))
    .filter(({ plan, path }) => !known.has(`${keyOf(plan.ref)} ${path}`))
  const all = [...drifted, ...held]
  const [first] = all
  if (first === undefined) return []
  const more = all.length === 1 ? '' : ` (and ${counted(all.length - 1, 'more field')})`
  const field = `${nameOf(first.plan.ref)} ${shortField(first.path)}`
  const details = {
    hint: policy.show,
    where: `${at.file}:${at.line}`,
    problems: all.map((one) => ({ message: `${nameOf(one.plan.ref)} ${one.path}, by ${one.manager}` })),
  }
  const changed = `was changed by ${first.manager} since the last deploy${more}; this deploy would take that back`
  const taken = `belongs to ${first.manager}${more}; this deploy would take it over, and the two would go on fighting`
  const [code, how] = drifted.length > 0 ? (['E_DRIFT', changed] as const) : (['E_FIELD_HELD', taken] as const)
  return [{ ...refuse(code, `${field} ${how}`, details), inPlan: [] }]
}
