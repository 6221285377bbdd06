import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues, withObjects } from '../../domain/manifest/keep-values.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { joined, joinedAs } from '../../domain/plan/joined.ts'
import { STORAGE } from '../../domain/plan/claims.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { shrinkingBack, WHEN_SCALED } from '../../domain/plan/losses-back.ts'
import { isMoving, type KeptValue } from '../../domain/plan/preserved.ts'
import { stateBefore } from '../../domain/plan/state-before.ts'
import { presentValues } from './present-values.ts'
import type { Applied, AppliedRelease } from '../phases/applied.ts'
import type { RecordEdit } from '../apply/record.ts'
import { inAnyCase, type Saying } from '../in-any-case.ts'

/**
 * For an automatic rollback: the record of its target holds what the chart said, not what somebody had made of it before this
 * deploy (a count, a preserved field). So while helm goes back the record holds the latter: nothing is scaled down and up
 * again, and forge writes no object itself.
 */
export async function asItWas(
  work: AppliedRelease,
  revision: number,
  gone: readonly KubeObject[],
  context: Applied,
  ports: Saying,
  signal: AbortSignal,
): Promise<RecordEdit[]> {
  // What cannot be read now must not keep the release from going back.
  const state = await inAnyCase(stateOf(work, gone, context, signal), ports)
  const kept = await keptPolicies(work, context, signal)
  const { joined = [] } = work
  if (state === undefined && kept.size === 0 && joined.length === 0) return []
  const objects = { ...state?.objects }
  for (const [key, value] of kept) objects[key] = [...(objects[key] ?? []), value]
  const { namespace } = work.release
  const edit = (manifest: string): string =>
    keepValues(withObjects(manifest, joined, joinedAs), { namespace, ...state, objects })
  return [{ revision, edit, required: kept.size + joined.length > 0 }]
}

/** Before anything is gone back to: what counts as of the revision before, because it was there and the release's. */
export function withJoined<Scene extends Applied>(context: Scene): Scene {
  const releases = context.releases.map((work) => {
    const own = work.before === undefined ? [] : joined(work, context.live)
    if (own.length === 0) return work
    const previous = [...work.previous, ...own.map((object) => ({ object, template: joinedAs(object) }))]
    return { ...work, joined: own, previous }
  })
  return { ...context, releases }
}

/**
 * A StatefulSet that has grown shrinks now, and would delete the claims of the pods that it gives up, with all that they
 * have taken in meanwhile: it is told to retain them.
 */
async function keptPolicies(
  work: AppliedRelease,
  { cluster }: Pick<Applied, 'cluster'>,
  signal: AbortSignal,
): Promise<Map<string, KeptValue>> {
  const found = shrinkingBack(work).map(async (set): Promise<[string, KeptValue][]> => {
    const plan = work.plans.find(({ ref }) => keyOf(ref) === keyOf(set))
    const before = Number(plan?.changes.find(({ path }) => path === 'spec.replicas')?.before ?? 1)
    const now = await cluster.get(refOf(set), signal)
    const shrinks = now !== undefined && Number(valueAt(now, 'spec.replicas') ?? 1) > before
    return shrinks ? [[keyOf(set), { path: WHEN_SCALED, value: 'Retain' }]] : []
  })
  return new Map((await Promise.all(found)).flat())
}

/** Keys of objects that were not there before this deploy, although the release has them: what is as before is without them. */
export function missingBefore({ previous, history, before }: AppliedRelease, live: Applied['live']): Set<string> {
  if (history[0] !== before) return new Set()
  return new Set(ownObjects(previous).flatMap((object) => (live.has(keyOf(object)) ? [] : keyOf(object))))
}

async function stateOf(
  work: AppliedRelease,
  gone: readonly KubeObject[],
  context: Applied,
  signal: AbortSignal,
): Promise<ReturnType<typeof stateBefore>> {
  const { plans, previous, rendered, history, before } = work
  const remade = plans.filter(({ action }) => action === 'replace' || action === 'delete')
  return stateBefore({
    previous,
    rendered,
    live: context.live,
    remade: new Set([...remade.map(({ ref }) => keyOf(ref)), ...gone.map(keyOf)]),
    settled: history[0] === before,
    present: await presentValues(
      previous.map(({ object }) => object),
      (object) => presentFields(object, context),
      context.cluster,
      signal,
    ),
  })
}

/** Fields that no rollback brings back: what an autoscaler decides, the size of a claim that has grown, and whether claims stay. */
export function presentFields(
  object: KubeObject,
  { preserved, releases }: Pick<Applied, 'preserved' | 'releases'>,
): readonly Pick<KeptValue, 'path'>[] {
  const key = keyOf(object)
  const grown = releases
    .flatMap(({ plans }) => plans)
    .some(
      ({ ref, changes }) =>
        ref.kind === 'PersistentVolumeClaim' && keyOf(ref) === key && changes.some(({ path }) => path === STORAGE),
    )
  const moving = preserved(object).filter(isMoving)
  const shrinks = releases.flatMap(shrinkingBack).some((set) => keyOf(set) === key)
  return [
    ...moving.map(({ path }) => ({ path })),
    ...(grown ? [{ path: STORAGE }] : []),
    ...(shrinks ? [{ path: WHEN_SCALED }] : []),
  ]
}

/** StatefulSets whose claims were told to stay while they shrank. */
export function retainedNow(before: ReadonlyMap<string, KubeObject>, after: ReadonlyMap<string, KubeObject>): string[] {
  const policyIn = (object: KubeObject | undefined): unknown =>
    object === undefined ? undefined : valueAt(object, WHEN_SCALED)
  return [...before].flatMap(([key, object]) =>
    policyIn(object) === 'Delete' && policyIn(after.get(key)) === 'Retain' ? [nameOf(object)] : [],
  )
}
