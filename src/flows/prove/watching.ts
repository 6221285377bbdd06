import { kindKey, nameOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { isAwaited } from '../../domain/manifest/hooks.ts'
import { createJudge } from '../../domain/readiness/judge.ts'
import { watchedKinds } from '../../domain/readiness/kinds.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import { createObjectCache } from '../../domain/readiness/object-cache.ts'
import { awaitedKey } from '../../domain/secrets/awaited.ts'
import { Actors } from '../observe/actors.ts'
import { tellAged, type Specs } from '../observe/past.ts'
import { Follower, kindsOf, type FollowPorts } from '../follow.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { notingWatch, type Noted } from '../noted.ts'

/** Which namespace of which cluster. */
export type Watched = Pick<Planned, 'cluster'> & {
  readonly project: {
    readonly environment: { readonly namespace: string }
    readonly secrets?: readonly { readonly name: string }[]
  }
  readonly awaited?: Planned['awaited']
  /** Of a run that is written down: the pods that it makes. */
  readonly noted?: Noted
  readonly releases?: readonly Pick<Planned['releases'][number], 'rendered' | 'previous'>[]
}

/**
 * A watch of the environment's namespace, and of others that the stages or hooks are in, with a judge of its own; open from the moment
 * it is made. `isAllNew`: somebody else has written, and before the watch began. `specs`: see tellAged.
 */
export function createFollower(
  context: Watched,
  { clock }: Pick<DeployPorts, 'clock'>,
  stages: Planned['stages'],
  signal: AbortSignal,
  tell?: FollowPorts['tell'],
  { isAllNew = false, specs }: { readonly isAllNew?: boolean; readonly specs?: Specs } = {},
): Follower {
  const { cluster, project } = context
  const { namespace } = project.environment
  const cache = createObjectCache()
  const rendered = (context.releases ?? []).flatMap((work) => work.rendered.map(({ object }) => object))
  // By the clock of the judge, which stands still in an outage.
  const eyes = { cluster, clock: { monotonic: () => follower.now() }, onSeen: () => follower.reconsider() }
  const actors = new Actors(eyes, rendered, signal)
  const judge = createJudge({
    cache,
    namespace,
    options: { isAllNew, ownObjects: ownObjects(context), makers: makersOf(context), actorOf: actors.of },
  })
  const kinds = withKindsOfMakers([...kindsOf(stages, namespace), ...kindsOfHooks(context, stages)], context)
  const first = (objects: readonly KubeObject[], at: number): void =>
    tellAged(objects, cache, { at, now: clock.now(), ...(specs === undefined ? {} : { specs }) })
  const watcher = context.noted === undefined ? cluster : notingWatch(cluster, context.noted, clock)
  const ports = { cluster: watcher, clock, cache, judge, tell, ...(isAllNew ? { first } : {}) }
  const follower: Follower = new Follower(ports, stages, namespace, signal, kinds)
  return follower
}

/** Hooks in namespaces that no stage looks at: helm waits for them itself, so forge need not see them. */
function kindsOfHooks({ project, releases = [] }: Watched, stages: Planned['stages']): WatchedKind[] {
  const { namespace: home } = project.environment
  const known = new Set([home, ...stages.flatMap(({ targets }) => targets.map(({ namespace }) => namespace))])
  const hooks = releases
    .flatMap(({ rendered }) => rendered.filter((one) => one.hook !== undefined && isAwaited(one)))
    .map(({ object }) => refOf(object))
    .filter(({ namespace }) => !known.has(namespace))
  return watchedKinds(hooks, home)
    .filter(({ namespace }) => namespace !== undefined)
    .map((kind) => ({ ...kind, optional: true }))
}

/** What pods wait for is made by these: when it does not come, how they stand is the reason. */
function withKindsOfMakers(kinds: readonly WatchedKind[], { project, awaited = [] }: Watched): WatchedKind[] {
  const { namespace: home } = project.environment
  const known = new Set(kinds.map(watchedKey))
  const makers = watchedKinds(
    awaited.flatMap((one) => one.makers),
    home,
  )
  const more = awaited.length === 0 ? [] : makers.filter((kind) => !known.has(watchedKey(kind)))
  return [...kinds, ...more.map((kind) => ({ ...kind, optional: true }))]
}

function watchedKey(kind: WatchedKind): string {
  return `${kindKey(kind)}/${kind.namespace ?? ''}`
}

function makersOf({ awaited = [] }: Watched): ReadonlyMap<string, readonly ObjectRef[]> {
  return new Map(awaited.map(({ namespace, secret, makers }) => [awaitedKey(namespace, secret), makers]))
}

/**
 * What is written before any pod starts: forge's secrets, and what the charts render or (for a rollback) rendered. Anything
 * else is another controller's.
 */
function ownObjects({ project, releases = [] }: Watched): ReadonlySet<string> {
  const { namespace: home } = project.environment
  const rendered = releases
    .flatMap((work) => [...work.rendered, ...work.previous])
    .map(({ object }) => {
      return `${object.metadata.namespace ?? home}/${nameOf(object)}`
    })
  return new Set([...(project.secrets ?? []).map(({ name }) => awaitedKey(home, name)), ...rendered])
}
