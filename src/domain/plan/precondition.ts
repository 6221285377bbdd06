import { isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { isWithin, join, listKeys } from './field-path.ts'
import type { Preserved } from './preserved.ts'

/** What must still be true of one object when the plan is carried out. `State`: a digest in a saved plan. */
export interface Precondition<State = unknown> {
  readonly ref: ObjectRef
  /** Undefined: there must be no such object. */
  readonly uid: string | undefined
  /** The live fields that the manifests state: those are what the deploy would write, or leave because they fit. */
  readonly state: State
}

/**
 * The live object, cut down to what the wanted and the previous manifest state, without what is preserved: a scaled
 * autoscaler's target has not moved. A Secret is told by its resourceVersion: its values go into no file, not even hashed.
 */
export function preconditionOf(
  ref: ObjectRef,
  live: KubeObject | undefined,
  manifests: readonly KubeObject[],
  preserved: readonly Preserved[],
): Precondition {
  // One that is being deleted is waited for until it is gone.
  if (live === undefined || isLeaving(live)) return { ref, uid: undefined, state: '' }
  const { uid = '', resourceVersion = '' } = live.metadata
  if (live.kind === 'Secret') return { ref, uid, state: resourceVersion }
  const parts = manifests.map((manifest) => project(live, withoutIdentity(manifest), '', preserved))
  return { ref, uid, state: parts }
}

/** Names of the objects that are not as they were when the plan was made. */
export function movedObjects(planned: readonly Precondition[], now: readonly Precondition[]): string[] {
  const current = new Map(now.map((one) => [keyOf(one.ref), one]))
  const moved = planned.filter(({ ref, uid, state }) => {
    const found = current.get(keyOf(ref))
    return found === undefined || found.uid !== uid || !isEqual(found.state, state)
  })
  const known = new Set(planned.map(({ ref }) => keyOf(ref)))
  return [...moved, ...now.filter(({ ref }) => !known.has(keyOf(ref)))].map(({ ref }) => nameOf(ref))
}

function withoutIdentity({
  metadata: { labels, annotations },
  apiVersion: _apiVersion,
  kind: _kind,
  status: _status,
  ...fields
}: KubeObject): unknown {
  const { stringData: _stringData, ...rest } = fields
  return { ...rest, metadata: { labels, annotations } }
}

function project(live: unknown, stated: unknown, path: string, preserved: readonly Preserved[]): unknown {
  if (preserved.some((one) => isWithin(path, one.path))) return undefined
  if (isMap(stated)) {
    if (!isMap(live)) return live
    return Object.fromEntries(
      Object.keys(stated).map((name) => [name, project(live[name], stated[name], join(path, name), preserved)]),
    )
  }
  if (!Array.isArray(stated) || !Array.isArray(live)) return live
  const [wanted, found] = [listKeys(path, stated), listKeys(path, live)]
  if (wanted === undefined || found === undefined) return live
  const items: readonly unknown[] = live
  return wanted.map((key, at) => project(items[found.indexOf(key)], stated[at], `${path}[${key}]`, preserved))
}
