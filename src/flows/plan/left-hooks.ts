import { keyOf, nameOf } from '../../domain/kube.ts'
import { hasFailed } from '../../domain/plan/jobs.ts'
import { leftHooks, type LeftHook } from '../../domain/plan/left-hooks.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Assessed } from '../phases/planned.ts'
import { hooksOf } from '../desire/hooks.ts'

/**
 * Hooks that stand in their own way. One that would quietly not run again is a warning where it has ended well, because that is
 * what its chart has always done; anything else would fail in the middle of the upgrade. Throws E_HOOK_LEFT.
 */
export function checkLeftHooks(context: Assessed): void {
  const { works, live, project, warnings } = context
  const found = works.flatMap((work) => leftHooks(hooksOf(work), live, work.way))
  const refused = found.filter(
    (one) => one.end === 'refused' || hasFailed(live.get(keyOf(one.hook.object)) ?? one.hook.object),
  )
  for (const one of found.filter((other) => !refused.includes(other)))
    warnings.push(`hook ${nameOf(one.hook.object)} is there from an earlier deploy and is not run again: ${WITHOUT}`)
  const [first] = refused
  if (first === undefined) return
  const { kind, metadata } = first.hook.object
  throw new ForgeError('E_HOOK_LEFT', textOf(first), {
    hint: kubectl(['delete', kind.toLowerCase(), metadata.name], metadata.namespace ?? project.environment.namespace),
    where: first.hook.template,
    problems: refused.map((one) => ({ message: textOf(one), where: one.hook.template })),
  })
}

const WITHOUT = 'its helm.sh/hook-delete-policy lacks before-hook-creation'

function textOf({ hook }: LeftHook): string {
  return `hook ${nameOf(hook.object)} is there from an earlier deploy, and helm would fail on it: ${WITHOUT}`
}
