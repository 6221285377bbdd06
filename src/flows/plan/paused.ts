import { keyOf, nameOf } from '../../domain/kube.ts'
import { heldWorkloads, type Held } from '../../domain/plan/paused.ts'
import { forge, hintLine, kubectl, type Hint } from '../../hint.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { Assessed } from '../phases/planned.ts'
import { renderedObjects } from './assess.ts'

/** A deploy that waits for a paused workload would time out, roll back and wait for it again. */
export const checkHeld: Check<Assessed> = (known, { here }) => {
  const plans = known.releases.flatMap((work) => work.plans)
  const rendered = new Map(renderedObjects(known).map((object) => [keyOf(object), object]))
  const held = heldWorkloads({ plans, rendered, live: known.live })
  const [first] = held
  if (first === undefined) return []
  const { namespace } = known.project.environment
  const problems = held.map((one) => ({ message: one.message, hint: hintFor(one, namespace) }))
  const refused = refuse('E_PAUSED', first.message, {
    hint: hintFor(first, namespace),
    where: nameOf(first.plan.ref),
    ...(held.length > 1 ? { problems } : {}),
  })
  const inPlan = problems.map(({ message, hint }) => `a deploy is refused: ${message} (${hintLine(hint, here)})`)
  return [{ ...refused, inPlan }]
}

function hintFor({ plan, release }: Held, namespace: string): Hint {
  return release === undefined ? forge('render') : kubectl(release, plan.ref.namespace ?? namespace)
}
