import { keyOf, nameOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { isLeaving, leavingText } from '../../domain/leaving.ts'
import { forge, kubectl, sequence, type Hint } from '../../hint.ts'
import type { Timed } from '../../time-limit.ts'
import type { StepReport } from '../step.ts'
import type { Planned } from '../phases/planned.ts'
import { GONE_WITHIN_MS, untilGone } from '../observe/until-gone.ts'
import type { ReleaseNow } from '../../domain/plan/plans-back.ts'

/**
 * Before helm goes back: what the old manifest has and somebody has deleted would be written once more, and then go. Waits
 * until it is gone, so that helm makes it again. What a finalizer holds must not keep the rest from coming back: the proof
 * names it.
 */
export async function letGo(
  { wanted, live }: ReleaseNow,
  {
    cluster,
    limitMs = GONE_WITHIN_MS,
  }: { readonly cluster: Planned['cluster']; readonly limitMs?: number | undefined },
  report: Pick<StepReport, 'detail'>,
  timed: Timed,
): Promise<void> {
  const leaving = wanted.flatMap(({ object }) => live.get(keyOf(object)) ?? []).filter(isLeaving)
  if (leaving.length === 0) return
  report.detail(`${leaving.map(toldOf).join(', ')}: waiting`)
  await untilGone({ objects: leaving, cluster, limitMs }, timed)
}

/** `Service/public is being deleted (finalizer …)` */
export function toldOf(object: KubeObject): string {
  return `${nameOf(object)} ${leavingText(object)}`
}

/** A rollback that has brought all back but these: only whoever deleted them, or their controllers, can end that. */
export function stillLeaving(
  leaving: readonly KubeObject[],
  { project, liveEntry }: Pick<Planned, 'project' | 'liveEntry'>,
): { readonly restored: false; readonly now: string; readonly detail: string; readonly hint: Hint } {
  const names = leaving.map(toldOf).join(', ')
  const waits = leaving.map((object) => {
    const { name, namespace } = object.metadata
    return kubectl(['wait', '--for=delete', `${resourceName(object)}/${name}`, '--timeout=10m'], namespace)
  })
  const number = liveEntry === undefined ? [] : [String(liveEntry.number)]
  return {
    restored: false,
    now: `rolled back and ready, but ${names}`,
    detail: `not as before: ${names}`,
    hint: sequence(...waits, forge('rollback', ...number, '--env', project.environment.name)),
  }
}
