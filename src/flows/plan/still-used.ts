import { keyOf, nameOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { stillUsed } from '../../domain/plan/still-used.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { DeployContext } from '../deploy/context.ts'

/**
 * Throws E_STILL_USED for what helm would delete under pods that go on using it: the next of them could not start. What
 * `--confirm` names goes all the same.
 */
export function checkStillUsed(
  { works, live, options }: Pick<DeployContext, 'works' | 'live' | 'options'>,
  objects: readonly KubeObject[],
): void {
  const found = stillUsed(
    works.flatMap(({ plans }) => plans),
    new Map(objects.map((object) => [keyOf(object), object])),
    live,
  ).filter(({ plan }) => options.confirm?.includes(plan.ref.name) !== true)
  const [first] = found
  if (first === undefined) return
  const say = ({ plan, by }: (typeof found)[number]): string =>
    `${nameOf(plan.ref)} would be deleted, and ${nameOf(by)} goes on using it`
  throw new ForgeError('E_STILL_USED', say(first), {
    hint: kubectl(['get', resourceName(first.by), first.by.name, '-o', 'yaml'], first.by.namespace),
    where: nameOf(first.by),
    problems: found.map((one) => ({ message: say(one), where: nameOf(one.by) })),
  })
}
