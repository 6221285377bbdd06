import { asAdopted } from '../../domain/migrate/adopted.ts'
import { legacyObjects, legacyRecord } from '../../domain/migrate/record.ts'
import { statedFor, statedOf } from '../../domain/migrate/stated.ts'
import { keyOf, kindKey, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { isBundledDefinition, type Rendered } from '../../domain/manifest/parse.ts'
import { helmOwner } from '../../domain/plan/ownership.ts'
import { forge } from '../../hint.ts'
import { readLive } from '../observe/live.ts'
import type { RenderedRelease, Rendering } from '../phases/desired.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { LegacyStack } from '../phases/observed.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** A release that helm does not know, and that stands on what ran before. */
export function isAdopting({ history: [newest] }: Pick<RenderedRelease, 'history'>): boolean {
  return newest?.unwritten === true
}

/**
 * Each release with what it takes over: what it renders and is live under the same name, and belongs to no release. That is
 * what its first revision states.
 */
export async function withAdopted(rendering: Rendering, { signal }: Pick<DeployPorts, 'signal'>): Promise<Rendering> {
  const { legacy } = rendering
  if (legacy === undefined) return rendering
  const asked = rendering.releases.filter(isAdopting).map(({ rendered }) => ({ rendered, previous: [] }))
  const live = await readLive({ ...rendering, releases: asked }, { signal })
  const releases = rendering.releases.map((work) =>
    isAdopting(work) ? adopting(work, live, legacy) : { ...work, keepsRevision: true },
  )
  return { ...rendering, releases }
}

function adopting(
  work: RenderedRelease,
  live: ReadonlyMap<string, KubeObject>,
  { source }: LegacyStack,
): RenderedRelease {
  const { name } = work.release
  const found = work.rendered.filter(isOwn).flatMap(({ object }) => live.get(keyOf(object)) ?? [])
  const own = found.filter((object) => !isLeaving(object) && [undefined, name].includes(helmOwner(object)?.name))
  const wanted = new Map(work.rendered.map(({ object }) => [keyOf(object), object]))
  const stated = own.map((object) => {
    const key = keyOf(object)
    return statedFor(wanted.get(key), statedOf(object, source.get(key)?.object))
  })
  const [record] = work.history
  const written = legacyRecord(name, stated, record?.installedAt ?? '')
  const adopts = new Map(own.map((object) => [keyOf(object), object]))
  return { ...work, history: [written], before: written, previous: legacyObjects(stated), adopts }
}

/** What helm writes as part of the release: hooks and crds/ it makes by themselves. */
function isOwn(one: Rendered): boolean {
  return one.hook === undefined && !isBundledDefinition(one)
}

/** Live objects as they count once they are taken over. */
export function asOwn(compared: Compared): Compared {
  const { legacy, releases } = compared
  if (legacy === undefined) return compared
  const owner = new Map(
    releases.flatMap(({ adopts = new Map<string, KubeObject>(), release }) =>
      [...adopts.keys()].map((key) => [key, release] as const),
    ),
  )
  const live = new Map(
    [...compared.live].map(([key, object]) => {
      const release = owner.get(key)
      return [key, release === undefined ? object : asAdopted(object, release, legacy.source.has(key))] as const
    }),
  )
  return { ...compared, live }
}

/** A release of which nothing is live has nothing to be migrated: helm would take its install for an upgrade. */
export const checkLegacy: Check<Rendering> = ({ releases, unreadable, project: { environment } }) => {
  const isUnread = ({ rendered }: RenderedRelease): boolean =>
    rendered.some((one) => unreadable.has(kindKey(one.object)))
  const isEmpty = (work: RenderedRelease): boolean => isAdopting(work) && work.adopts?.size === 0 && !isUnread(work)
  const [first] = releases.filter(isEmpty)
  if (first === undefined) return []
  const { name, namespace } = first.release
  const others = releases.filter((work) => !isEmpty(work)).flatMap(({ release }) => ['--release', release.name])
  const message = `nothing of what release ${name} renders is live in ${namespace}, so there is nothing to migrate`
  const hint = forge(others.length === 0 ? 'deploy' : 'migrate-to-helm', '--env', environment.name, ...others)
  return [refuse('E_MIGRATE_NOTHING', message, { hint, where: `release ${name}` })]
}
