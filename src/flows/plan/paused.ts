import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { heldWorkloads, type Held } from '../../domain/plan/paused.ts'
import { ForgeError } from '../../errors.ts'
import { forge, hintLine, kubectl, type Hint } from '../../hint.ts'
import type { Assessed } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** A deploy that waits for a paused workload would time out, roll back and wait for it again. */
export function checkHeld(
  context: Assessed,
  rendered: ReadonlyMap<string, KubeObject>,
  { here }: Pick<DeployPorts, 'here'>,
): void {
  const plans = context.works.flatMap((work) => work.plans)
  const held = heldWorkloads({ plans, rendered, live: context.live })
  const [first] = held
  if (first === undefined) return
  const { namespace } = context.project.environment
  if (context.options.planOnly === true) {
    const told = held.map((one) => `a deploy is refused: ${one.message} (${hintLine(hintFor(one, namespace), here)})`)
    context.warnings.push(...told)
    return
  }
  const problems = held.map((one) => ({ message: one.message, hint: hintFor(one, namespace) }))
  throw new ForgeError('E_PAUSED', first.message, {
    hint: hintFor(first, namespace),
    where: nameOf(first.plan.ref),
    ...(held.length > 1 ? { problems } : {}),
  })
}

function hintFor({ plan, release }: Held, namespace: string): Hint {
  return release === undefined ? forge('render') : kubectl(release, plan.ref.namespace ?? namespace)
}
