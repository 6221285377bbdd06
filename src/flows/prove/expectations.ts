import { kindKey, keyOf, placedIn, placedName, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { isLeaving, leavingText } from '../../domain/leaving.ts'
import type { Expectation, ObjectCache } from '../../domain/readiness/model.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Planned } from '../phases/planned.ts'

/**
 * What helm left, read once per kind and namespace: no verdict rests on a watch that lags behind helm. A Job that is missing may
 * have ended and be gone: the judge knows what the watch saw of it. `remade`: keys of what was taken away to be made anew, so
 * that what was seen of the old one proves nothing. `seen`: what the watch has listed, where nothing was written that it could
 * lag behind; only kinds of which it lacks something are read.
 */
export async function readExpectations(
  cluster: Pick<Planned['cluster'], 'list'>,
  stages: Planned['stages'],
  namespace: string,
  signal: AbortSignal,
  remade: ReadonlySet<string> = new Set(),
  seen: Pick<ObjectCache, 'get'> = { get: () => undefined },
): Promise<readonly Expectation[]> {
  const targets = stages
    .flatMap((stage) => stage.targets)
    .map((target) => ({ ref: placedIn(target, namespace), vanishes: target.vanishes === true }))
  const lists = await Promise.all(
    [...Map.groupBy(targets, ({ ref }) => `${kindKey(ref)}/${ref.namespace ?? ''}`).values()].map(
      async ([first, ...others]) => {
        if (first === undefined) return []
        const known = [first, ...others].flatMap(({ ref }) => seen.get(ref) ?? [])
        return known.length > others.length ? known : await listLike(first.ref, cluster, signal)
      },
    ),
  )
  const wanted = new Set(targets.map(({ ref }) => keyOf(ref)))
  const found = lists.flat().filter((object) => wanted.has(keyOf(object)))
  const refs = targets.filter(({ ref, vanishes }) => ref.kind !== 'Job' && !vanishes).map(({ ref }) => ref)
  requireAll(refs, found, namespace)
  requireStaying(found, namespace)
  const there = new Set(found.map(keyOf))
  const ended = targets.filter(({ ref }) => remade.has(keyOf(ref)) && !there.has(keyOf(ref)))
  return [...expectationsOf(found), ...ended.map(({ ref }) => ({ ref, uid: undefined, generation: 0 }))]
}

async function listLike(
  { apiVersion, kind, namespace }: ObjectRef,
  cluster: Pick<Planned['cluster'], 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const within = namespace === undefined ? {} : { namespace }
  return await cluster.list({ apiVersion, kind }, { ...within, metadataOnly: true }, signal)
}

/** helm has written it, and it goes nevertheless. */
function requireStaying(found: readonly KubeObject[], home: string): void {
  const leaving = found.find((object) => object.kind !== 'Job' && isLeaving(object))
  if (leaving === undefined) return
  const name = placedName(refOf(leaving), home)
  throw gone(
    `${name} ${leavingText(leaving)} although helm has just written it`,
    name,
    leaving.metadata.namespace ?? home,
  )
}

function requireAll(refs: readonly ObjectRef[], found: readonly KubeObject[], home: string): void {
  const has = new Set(found.map(keyOf))
  const missing = refs.find((ref) => !has.has(keyOf(ref)))
  if (missing === undefined) return
  const name = placedName(missing, home)
  const message = `${name} is not there although helm has just written it: somebody deletes it`
  throw gone(message, name, missing.namespace ?? home)
}

function gone(message: string, name: string, namespace: string): ForgeError {
  return new ForgeError('E_OBJECT_GONE', message, {
    hint: kubectl(['get', 'events', '--sort-by=.lastTimestamp'], namespace),
    where: name,
  })
}

/** What helm left behind: one list per kind, so that no verdict rests on a watch that lags. */
export function expectationsOf(objects: readonly KubeObject[]): Expectation[] {
  return objects.flatMap(({ apiVersion, kind, metadata: { name, namespace, uid, generation } }) =>
    uid === undefined
      ? []
      : [
          {
            ref: { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) },
            uid,
            generation: generation ?? 0,
          },
        ],
  )
}
