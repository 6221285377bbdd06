import { keyOf } from '../../domain/kube.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { judgeRun } from './judge-run.ts'
import type { Writer } from './write-session.ts'
import { underWatch } from '../prove/under-watch.ts'
import { remadeKeys } from './replace.ts'

/** True when a release that comes later needs this one. */
export function isNeeded({ release }: AppliedRelease, { releases }: Pick<Followed, 'releases'>): boolean {
  return releases.some((other) => other.release.needs.includes(release.name))
}

/**
 * Upgrades a release that others need and waits until it is ready, stage by stage: those others may use it from their
 * first moment. Throws JudgedFailure.
 */
export async function upgradeNeeded(
  work: AppliedRelease,
  context: Followed,
  writer: Writer,
  upgrade: () => Promise<void>,
): Promise<void> {
  const own = new Set(work.rendered.map(({ object }) => keyOf(object)))
  const stages = context.stages
    .map((stage) => ({ ...stage, targets: stage.targets.filter((target) => own.has(keyOf(target))) }))
    .filter(({ targets }) => targets.length > 0)
  const { ports, report } = writer
  await underWatch(context, { clock: ports.clock }, stages, ports.signal, async (follower) => {
    await upgrade()
    const judged = { ...context, follower, stages }
    await judgeRun(judged, writer, { remade: remadeKeys([work]), isBack: false }, ports.signal)
    for (const { name } of stages) {
      const end = await follower.stage(name, (stage) => report.detail({ stage, of: work.release.name }))
      if (end.state === 'failed') throw new JudgedFailure(end.failed, [])
    }
  })
}
