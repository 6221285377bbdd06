import { comingRevision } from '../../domain/helm/record.ts'
import { comingHooks, isAwaited, type ComingHook, type HelmOperation } from '../../domain/manifest/hooks.ts'
import { deadlockText, hookDeadlocks } from '../../domain/plan/hook-deadlock.ts'
import type { StageHooks } from '../../domain/stages/stages.ts'
import { forge } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'

type Work = Pick<DesiredRelease, 'rendered' | 'history' | 'target'>

/** What helm is about to do with a release. */
export function operationOf({ history, target }: Pick<Work, 'history' | 'target'>): HelmOperation {
  if (target !== undefined) return 'rollback'
  return comingRevision(history).isUpgrade ? 'upgrade' : 'install'
}

/** What helm makes and runs beside the release, in its order. */
export function hooksOf(work: Work): ComingHook[] {
  return comingHooks(work.rendered, operationOf(work))
}

/** The Jobs and Pods that helm will wait for while it works on this release. */
export function awaitedHooks(work: Work): ComingHook[] {
  return hooksOf(work).filter(isAwaited)
}

/** Of all releases, for the stages that name them. */
export function stageHooks(releases: readonly Work[]): StageHooks {
  const coming = releases.flatMap(hooksOf)
  const all = releases.flatMap(({ rendered }) => rendered.filter(({ hook }) => hook !== undefined))
  return { coming, all: all.map(({ object }) => object) }
}

/** A hook that waits for an object of its own release would hold helm until its time is up: E_HOOK_DEADLOCK. */
export const checkHooks: Check<Compared> = ({ releases, live, project }) => {
  const found = releases.flatMap((work) => hookDeadlocks(work.rendered, operationOf(work), live))
  const [first] = found
  if (first === undefined) return []
  const details = {
    hint: forge('render', '--env', project.environment.name),
    where: first.hook.template,
    problems: found.map((one) => ({ message: deadlockText(one), where: one.hook.template })),
  }
  return [refuse('E_HOOK_DEADLOCK', `${deadlockText(first)}: neither would ever come`, details)]
}
