import { isMap } from '../config/path.ts'
import type { KubeObject, ManagedFields } from '../kube.ts'
import { isObject } from '../manifest/parse.ts'
import { join, listKeys } from '../plan/field-path.ts'
import { isControlPlane } from '../plan/managers.ts'
import { withValues } from '../plan/preserved.ts'
import { asData } from '../manifest/as-data.ts'
import { podPath, podSpecOf } from '../manifest/references.ts'

/** Where `kubectl apply` keeps what it applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** As which kubectl applies and makes objects; `kubectl` itself where it applies on the server. */
const APPLIERS = new Set(['kubectl-client-side-apply', 'kubectl-create', 'kubectl-replace', 'kubectl-last-applied'])

export function isApplier({
  manager = '',
  operation,
}: {
  readonly manager?: string | undefined
  readonly operation?: string | undefined
}): boolean {
  return APPLIERS.has(manager) || (manager === 'kubectl' && operation === 'Apply')
}

/** Written by controllers about what they do; nobody states them. */
const NOTES =
  /^(?:deployment\.kubernetes\.io|pv\.kubernetes\.io|volume\.(?:beta\.)?kubernetes\.io|autoscaling\.alpha\.kubernetes\.io|batch\.kubernetes\.io|control-plane\.alpha\.kubernetes\.io)\//u

/** Labels that the API server itself gives. */
const GIVEN = /^kubernetes\.io\/metadata\.name$/u

/**
 * What those who made a live object had stated of it, before helm: what `kubectl apply` keeps in it; else its source; else the
 * fields of all managers that are no part of the control plane. It is to a legacy object what a revision's manifest is to one
 * of helm's: what differs from it live is somebody's change, what it states and the chart does not is given up.
 */
export function statedOf(live: KubeObject, source: KubeObject | undefined): KubeObject {
  return plain(lastApplied(live) ?? source ?? ownedByPeople(live), live)
}

/**
 * The same, with all that has to be stated so that it goes: an account that the chart gives up would stay by its deprecated twin,
 * which nobody states (pkg/apis/core/v1/conversion.go, PodSpec).
 */
export function statedFor(wanted: KubeObject | undefined, stated: KubeObject): KubeObject {
  const [before, after] = [accountOf(stated), wanted === undefined ? undefined : accountOf(wanted)]
  if (before === undefined || after !== undefined) return stated
  return withValues(stated, [{ path: `${podPath(stated)}.serviceAccount`, value: before }])
}

function accountOf(object: KubeObject): string | undefined {
  return (podSpecOf(object) as { serviceAccountName?: string } | undefined)?.serviceAccountName
}

/**
 * What people state of it by now: what was applied, as it is live, and what others have changed since. Who made an object owns what
 * the API server filled in, too, so that says nothing where it is known what was applied.
 */
export function statedByNow(live: KubeObject, source: KubeObject | undefined): KubeObject {
  const applied = lastApplied(live) ?? source
  if (applied === undefined) return plain(ownedByPeople(live), live)
  const since = ownedBy(live, (one) => isPeoples(one) && !isApplier(one))
  const found = merge(asLive(plain(applied, live), live, ''), since, '')
  return plain(isObject(found) ? found : live, live)
}

/** What a manifest states, with the values that are live; what is not there any more is not stated. */
function asLive(stated: unknown, live: unknown, path: string): unknown {
  if (isMap(stated) && isMap(live))
    return Object.fromEntries(
      Object.entries(stated).flatMap(([name, value]) =>
        Object.hasOwn(live, name) ? [[name, asLive(value, live[name], join(path, name))] as const] : [],
      ),
    )
  if (!Array.isArray(stated) || !Array.isArray(live)) return live
  const [keys, living] = [listKeys(path, stated), listKeys(path, live)]
  if (keys === undefined || living === undefined) return live as unknown
  return keys.flatMap((key, at) => {
    const found: unknown = live[living.indexOf(key)]
    return found === undefined ? [] : [asLive(stated[at], found, `${path}[${key}]`)]
  })
}

/** Undefined: nobody applied it with kubectl, or what it kept cannot be read. */
export function lastApplied(live: KubeObject): KubeObject | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED]
  if (text === undefined) return undefined
  try {
    const found: unknown = JSON.parse(text)
    return isObject(found) ? found : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Without what the API server adds, and with the identity of the live one. */
export function plain(object: KubeObject, { apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { metadata: own, status: _status, ...fields } = asData(object)
  const { name, namespace } = metadata
  const [labels, annotations] = [without(own.labels, GIVEN), without(own.annotations, NOTES, LAST_APPLIED)]
  return {
    ...fields,
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}

function without(
  map: Readonly<Record<string, string>> | undefined,
  pattern: RegExp,
  name?: string,
): Readonly<Record<string, string>> | undefined {
  const left = Object.entries(map ?? {}).filter(([key]) => key !== name && !pattern.test(key))
  return left.length === 0 ? undefined : Object.fromEntries(left)
}

/** The live object, cut down to what people and their tools own of it. */
function ownedByPeople(live: KubeObject): KubeObject {
  // Nobody noted who wrote what: all of it counts as stated, or the way back would take it away.
  return (live.metadata.managedFields ?? []).length === 0 ? live : ownedBy(live, isPeoples)
}

function ownedBy(live: KubeObject, isWanted: (one: ManagedFields) => boolean): KubeObject {
  const sets: readonly unknown[] = (live.metadata.managedFields ?? [])
    .filter(isWanted)
    .flatMap(({ fieldsV1 }) => fieldsV1 ?? [])
  const { apiVersion, kind, metadata } = live
  const found = sets.length === 0 ? {} : cut(live, sets.reduce(union))
  const own = isMap(found) ? found : {}
  const stated = isMap(own['metadata']) ? own['metadata'] : {}
  return { ...own, apiVersion, kind, metadata: { ...stated, name: metadata.name } }
}

/** A count that was set by `kubectl scale` is stated, too; an autoscaler's comes from the control plane. */
function isPeoples({ manager = 'unknown', subresource, time }: ManagedFields): boolean {
  return subresource !== 'status' && !isControlPlane({ manager, time })
}

/** Of two FieldsV1 sets: an empty one is all of its field. */
function union(one: unknown, other: unknown): unknown {
  if (!isMap(one) || !isMap(other)) return other
  const [had, has] = [Object.keys(one), Object.keys(other)]
  if (had.length === 0 || has.length === 0) return {}
  return byName(one, other, (name) => union(one[name], other[name]))
}

/** A live value, cut down to a FieldsV1 set (structured-merge-diff: `f:name`, `k:{"key":"value"}`, `v:value`). */
function cut(live: unknown, fields: unknown): unknown {
  const inner = isMap(fields) ? Object.entries(fields).filter(([name]) => name !== '.') : []
  if (inner.length === 0) return live
  if (Array.isArray(live)) {
    return live.flatMap((item: unknown) => {
      const [name, value] = inner.find(([named]) => isNamed(item, named)) ?? []
      return name === undefined ? [] : [withKey(cut(item, value), item, name)]
    })
  }
  if (!isMap(live)) return live
  return Object.fromEntries(
    inner.flatMap(([name, value]) => {
      const field = name.slice(2)
      return field in live ? [[field, cut(live[field], value)] as const] : []
    }),
  )
}

function isNamed(item: unknown, name: string): boolean {
  if (name.startsWith('v:')) return JSON.stringify(item) === name.slice(2)
  if (!name.startsWith('k:') || !isMap(item)) return false
  const keys: unknown = JSON.parse(name.slice(2))
  return isMap(keys) && Object.entries(keys).every(([key, value]) => item[key] === value)
}

/** An item is known by its key, whoever owns that. */
function withKey(part: unknown, item: unknown, name: string): unknown {
  if (!name.startsWith('k:') || !isMap(part) || !isMap(item)) return part
  const keys: unknown = JSON.parse(name.slice(2))
  return isMap(keys) ? { ...keys, ...part } : part
}

type Fields = Readonly<Record<string, unknown>>

/** All names of both; `both`: what becomes of one that both have. */
function byName(one: Fields, other: Fields, both: (name: string) => unknown): Fields {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    names.map((name) => [name, name in one && name in other ? both(name) : (one[name] ?? other[name])]),
  )
}

/** Of two parts of one live object. A list without keys is in the first one as a whole, if at all. */
function merge(one: unknown, other: unknown, path: string): unknown {
  if (isMap(one) && isMap(other)) return byName(one, other, (name) => merge(one[name], other[name], join(path, name)))
  if (!Array.isArray(one) || !Array.isArray(other)) return other
  const [keys, more] = [listKeys(path, one), listKeys(path, other)]
  if (keys === undefined || more === undefined) return one as unknown
  const added: unknown[] = other.filter((_, at) => !keys.includes(more[at] ?? ''))
  return [
    ...keys.map((key, at) => {
      const twin = more.indexOf(key)
      return twin < 0 ? (one[at] as unknown) : merge(one[at], other[twin], `${path}[${key}]`)
    }),
    ...added,
  ]
}
