import { keyOf } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
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
  report.detail({ doing: 'until-gone', objects: leaving })
  await untilGone({ objects: leaving, cluster, limitMs }, timed)
}
