import { keyOf } from '../../domain/kube.ts'
import { readExpectations } from '../prove/expectations.ts'
import type { StepReport } from '../step.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { JudgedFailure } from '../prove/failure.ts'
import type { Run } from './run.ts'
import { forcePods } from '../prove/forced-pods.ts'
import { remadeKeys } from './replace.ts'
import { createFollower } from '../prove/watching.ts'

/** True when a release that comes later needs this one. */
export function isNeeded({ release }: AppliedRelease, { works }: Pick<Followed, 'works'>): boolean {
  return works.some((other) => other.release.needs.includes(release.name))
}

/**
 * Upgrades a release that others need and waits until it is ready, stage by stage: those others may use it from their
 * first moment. Throws JudgedFailure.
 */
export async function upgradeNeeded(
  work: AppliedRelease,
  context: Followed,
  ports: DeployPorts,
  { report, run }: { readonly report: StepReport; readonly run: Run | undefined },
  upgrade: () => Promise<void>,
): Promise<void> {
  const own = new Set(work.rendered.map(({ object }) => keyOf(object)))
  const stages = context.stages
    .map((stage) => ({ ...stage, targets: stage.targets.filter((target) => own.has(keyOf(target))) }))
    .filter(({ targets }) => targets.length > 0)
  const follower = createFollower(context, ports, stages, ports.signal)
  try {
    await follower.open
    await upgrade()
    const { namespace } = context.project.environment
    const { cluster } = context
    const expected = await readExpectations(cluster, stages, namespace, ports.signal, remadeKeys([work]))
    const confirm = async (): Promise<void> => await run?.confirm()
    const tell = (source: string, text: string): void => report.line(source, text)
    forcePods({ follower, cluster, expected, isBack: false, confirm, tell }, ports.signal)
    follower.released(expected)
    for (const { name } of stages) {
      const end = await follower.stage(name, ({ summary }) => report.detail(`${work.release.name}: ${summary}`))
      if (end.state === 'failed') throw new JudgedFailure(end.failed, [])
    }
  } finally {
    await follower.close()
  }
}
