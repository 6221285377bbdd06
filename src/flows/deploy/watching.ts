import { nameOf } from '../../domain/kube.ts'
import { createJudge } from '../../domain/readiness/judge.ts'
import { createWorld } from '../../domain/readiness/world.ts'
import { Follower } from '../follow.ts'
import type { DeployContext, DeployPorts } from './context.ts'

/** Which namespace of which cluster. */
export type Watched = Pick<DeployContext, 'cluster'> & {
  readonly project: {
    readonly environment: { readonly namespace: string }
    readonly secrets?: readonly { readonly name: string }[]
  }
  readonly works?: readonly Pick<DeployContext['works'][number], 'rendered' | 'previous'>[]
}

/** A watch of the environment's namespace with a judge of its own; open from the moment it is made. */
export function createFollower(
  context: Watched,
  { clock }: Pick<DeployPorts, 'clock'>,
  stages: DeployContext['stages'],
  signal: AbortSignal,
): Follower {
  const { cluster, project } = context
  const { namespace } = project.environment
  const world = createWorld()
  const judge = createJudge({
    world,
    namespace,
    options: { kubectlFlags: cluster.kubectlFlags, ownObjects: ownObjects(context) },
  })
  return new Follower({ cluster, clock, world, judge }, stages, namespace, signal)
}

/**
 * What is written before any pod starts: forge's secrets, and what the charts render or (for a rollback) rendered. Anything
 * else is another controller's.
 */
function ownObjects({ project, works = [] }: Watched): ReadonlySet<string> {
  const rendered = works.flatMap((work) => [...work.rendered, ...work.previous]).map(({ object }) => nameOf(object))
  return new Set([...(project.secrets ?? []).map(({ name }) => `Secret/${name}`), ...rendered])
}
