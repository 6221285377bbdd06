import { keyOf, nameOf, resourceName, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { stillUsed } from '../../domain/plan/still-used.ts'
import { ForgeError, type ErrorDetails } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Assessed } from '../phases/planned.ts'

/**
 * Throws E_STILL_USED for what helm would delete under pods that go on using it: the next of them could not start. What
 * `--confirm` names goes all the same.
 */
export function checkStillUsed(
  { works, live, options }: Pick<Assessed, 'works' | 'live' | 'options'>,
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
  throw stillUsedError(
    say(first),
    first.by,
    found.map((one) => ({ message: say(one), where: nameOf(one.by) })),
  )
}

/** `by`: who would be left without it, and has to be looked at. */
export function stillUsedError(
  message: string,
  by: ObjectRef,
  problems: ErrorDetails['problems'] & object,
): ForgeError {
  return new ForgeError('E_STILL_USED', message, {
    hint: kubectl(['get', resourceName(by), by.name, '-o', 'yaml'], by.namespace),
    where: nameOf(by),
    problems,
  })
}
