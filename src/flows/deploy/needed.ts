import { keyOf } from '../../domain/kube.ts'
import { readExpectations } from '../steps/expectations.ts'
import type { StepReport } from '../steps/step.ts'
import type { DeployContext, DeployPorts, ReleaseWork } from './context.ts'
import { JudgedFailure } from './failure.ts'
import { createFollower } from './watching.ts'

/** True when a release that comes later needs this one. */
export function isNeeded({ release }: ReleaseWork, { works }: Pick<DeployContext, 'works'>): boolean {
  return works.some((other) => other.release.needs.includes(release.name))
}

/**
 * Upgrades a release that others need and waits until it is ready, stage by stage: those others may use it from their
 * first moment. Throws JudgedFailure.
 */
export async function upgradeNeeded(
  work: ReleaseWork,
  context: DeployContext,
  ports: DeployPorts,
  report: StepReport,
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
    follower.released(await readExpectations(context.cluster, stages, namespace, ports.signal))
    for (const { name } of stages) {
      const end = await follower.stage(name, ({ summary }) => report.detail(`${work.release.name}: ${summary}`))
      if (end.state === 'failed') throw new JudgedFailure(end.failed, [])
    }
  } finally {
    await follower.close()
  }
}
