import { comingHooks, isAwaited, type ComingHook } from '../../domain/manifest/hooks.ts'
import { deadlockText, hookDeadlocks } from '../../domain/plan/hook-deadlock.ts'
import { ForgeError } from '../../errors.ts'
import type { DeployContext, ReleaseWork } from '../deploy/context.ts'

/** The Jobs and Pods that helm will wait for while it upgrades, of all releases or of one. */
export function awaitedHooks({ works }: Pick<DeployContext, 'works'>, only?: ReleaseWork): ComingHook[] {
  return works
    .filter((work) => only === undefined || work === only)
    .flatMap(({ rendered, history }) => comingHooks(rendered, history.length > 0).filter(isAwaited))
}

/** A hook that waits for an object of its own release would hold helm until its time is up. Throws E_HOOK_DEADLOCK. */
export function checkHooks({ works, live, project }: Pick<DeployContext, 'works' | 'live' | 'project'>): void {
  const found = works.flatMap(({ rendered, history }) => hookDeadlocks(rendered, history.length > 0, live))
  const [first] = found
  if (first === undefined) return
  throw new ForgeError('E_HOOK_DEADLOCK', `${deadlockText(first)}: neither would ever come`, {
    hint: `forge render --env ${project.environment.name}`,
    where: first.hook.template,
    problems: found.map((one) => ({ message: deadlockText(one), where: one.hook.template })),
  })
}
