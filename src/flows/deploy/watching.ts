import { nameOf, refOf } from '../../domain/kube.ts'
import { isAwaited } from '../../domain/manifest/hooks.ts'
import { createJudge } from '../../domain/readiness/judge.ts'
import { watchedKinds } from '../../domain/readiness/kinds.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import { createWorld } from '../../domain/readiness/world.ts'
import { Follower, kindsOf } from '../follow.ts'
import type { DeployContext, DeployPorts } from './context.ts'

/** Which namespace of which cluster. */
export type Watched = Pick<DeployContext, 'cluster'> & {
  readonly project: {
    readonly environment: { readonly namespace: string }
    readonly secrets?: readonly { readonly name: string }[]
  }
  readonly works?: readonly Pick<DeployContext['works'][number], 'rendered' | 'previous'>[]
}

/** A watch of the environment's namespace, and of others that the stages or hooks are in, with a judge of its own; open from the moment it is made. */
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
    options: { ownObjects: ownObjects(context) },
  })
  const kinds = [...kindsOf(stages, namespace), ...kindsOfHooks(context, stages)]
  return new Follower({ cluster, clock, world, judge }, stages, namespace, signal, kinds)
}

/** Hooks in namespaces that no stage looks at: helm waits for them itself, so forge need not see them. */
function kindsOfHooks({ project, works = [] }: Watched, stages: DeployContext['stages']): WatchedKind[] {
  const { namespace: home } = project.environment
  const known = new Set([home, ...stages.flatMap(({ targets }) => targets.map(({ namespace }) => namespace))])
  const hooks = works
    .flatMap(({ rendered }) => rendered.filter((one) => one.hook !== undefined && isAwaited(one)))
    .map(({ object }) => refOf(object))
    .filter(({ namespace }) => !known.has(namespace))
  return watchedKinds(hooks, home)
    .filter(({ namespace }) => namespace !== undefined)
    .map((kind) => ({ ...kind, optional: true }))
}

/**
 * What is written before any pod starts: forge's secrets, and what the charts render or (for a rollback) rendered. Anything
 * else is another controller's.
 */
function ownObjects({ project, works = [] }: Watched): ReadonlySet<string> {
  const rendered = works.flatMap((work) => [...work.rendered, ...work.previous]).map(({ object }) => nameOf(object))
  return new Set([...(project.secrets ?? []).map(({ name }) => `Secret/${name}`), ...rendered])
}
