import { createJudge } from '../../domain/readiness/judge.ts'
import { createWorld } from '../../domain/readiness/world.ts'
import { Follower } from '../follow.ts'
import type { DeployContext, DeployPorts } from './context.ts'

/** A watch of the environment's namespace with a judge of its own; open from the moment it is made. */
export function createFollower(
  { cluster, project }: DeployContext,
  { clock }: DeployPorts,
  stages: DeployContext['stages'],
  signal: AbortSignal,
): Follower {
  const { namespace } = project.environment
  const world = createWorld()
  const judge = createJudge({ world, namespace, options: { kubectlFlags: cluster.kubectlFlags } })
  return new Follower({ cluster, clock, world, judge }, stages, namespace, signal)
}
