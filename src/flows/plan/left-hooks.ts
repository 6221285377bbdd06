import { keyOf, nameOf } from '../../domain/kube.ts'
import { hasFailed } from '../../domain/plan/jobs.ts'
import { leftHooks, type LeftHook } from '../../domain/plan/left-hooks.ts'
import { kubectl } from '../../hint.ts'
import { refuse, warn, type Check } from '../phases/findings.ts'
import type { Foreseen } from '../phases/planned.ts'
import { hooksOf } from '../desire/hooks.ts'

/**
 * Hooks that stand in their own way. One that would quietly not run again is a warning where it has ended well, because that is
 * what its chart has always done; anything else would fail in the middle of the upgrade. E_HOOK_LEFT.
 */
export const checkLeftHooks: Check<Foreseen> = ({ releases, live, project, unchanged }) => {
  if (unchanged) return []
  const found = releases.flatMap((work) => leftHooks(hooksOf(work), live, work.way))
  const refused = found.filter(
    (one) => one.end === 'refused' || hasFailed(live.get(keyOf(one.hook.object)) ?? one.hook.object),
  )
  const skipped = found
    .filter((one) => !refused.includes(one))
    .map(({ hook }) =>
      warn(`hook ${nameOf(hook.object)} is there from an earlier deploy and is not run again: ${WITHOUT}`),
    )
  const [first] = refused
  if (first === undefined) return skipped
  const { kind, metadata } = first.hook.object
  const details = {
    hint: kubectl(['delete', kind.toLowerCase(), metadata.name], metadata.namespace ?? project.environment.namespace),
    where: first.hook.template,
    problems: refused.map((one) => ({ message: textOf(one), where: one.hook.template })),
  }
  return [...skipped, refuse('E_HOOK_LEFT', textOf(first), details)]
}

const WITHOUT = 'its helm.sh/hook-delete-policy lacks before-hook-creation'

function textOf({ hook }: LeftHook): string {
  return `hook ${nameOf(hook.object)} is there from an earlier deploy, and helm would fail on it: ${WITHOUT}`
}
