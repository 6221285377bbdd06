import { isMap } from '../config/path.ts'
import type { KindRef, KubeObject } from '../kube.ts'
import { encodedTexts } from '../secrets/plan.ts'
import { isFilled, isNothing, keepsEmpty } from './empty.ts'
import { isEmpty, join, listKeys } from './field-path.ts'
import type { FieldChange } from './model.ts'
import { isEqual } from '../canonical.ts'
import { sameValue } from './same-value.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Where the live object differs from the wanted one, in the fields that the wanted one states: what the API server
 * defaults, and what controllers add, is not stated and so not compared.
 */
export function statedDifferences(wanted: KubeObject, live: KubeObject): FieldChange[] {
  return compare(comparable(wanted), comparable(live), '', wanted)
}

/** Fields that the previous manifest stated and the wanted one no longer does, as far as they are still live. */
export function withdrawnFields(previous: KubeObject, wanted: KubeObject, live: KubeObject): FieldChange[] {
  // Read from one document: most objects of most deploys.
  if (previous === wanted) return []
  return withdrawn(comparable(previous), comparable(wanted), comparable(live), '', wanted)
}

/** Helm stamps these on every object; they say nothing about what the chart wants. */
const HELM_STAMPS = new Set(['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace'])

function comparable({ metadata, ...rest }: KubeObject): Fields {
  const { status: _status, ...fields } = rest as Fields
  const labels = without(metadata.labels, (name) => name === 'app.kubernetes.io/managed-by')
  const annotations = without(metadata.annotations, (name) => HELM_STAMPS.has(name))
  const { stringData, ...others } = fields
  // Written as text, kept as base64 (Kubernetes API, Secret).
  const texts = { ...(fields['data'] as Fields | undefined), ...encodedTexts({ metadata, ...rest }) }
  const data = isMap(stringData) ? { data: texts } : {}
  return { ...others, ...data, metadata: { labels, annotations } }
}

function without(map: Fields | undefined, drop: (name: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !drop(name)))
}

function compare(wanted: unknown, live: unknown, path: string, of: KindRef): FieldChange[] {
  if (isMap(wanted) && isMap(live)) {
    return Object.entries(wanted).flatMap(([name, value]) => compare(value, live[name], join(path, name), of))
  }
  if (Array.isArray(wanted) && Array.isArray(live)) return compareLists(wanted, live, path, of)
  // A nested default (`securityContext: {}`) is not a difference; a map that is missing differs by what it holds.
  if (isFilled(wanted) && live === undefined) return compare(wanted, {}, path, of)
  if (isNothing(wanted, live, path, of)) return []
  return sameValue(wanted, live, path, of) ? [] : [{ path, before: live, after: wanted }]
}

function compareLists(wanted: readonly unknown[], live: readonly unknown[], path: string, of: KindRef): FieldChange[] {
  const wantedKeys = listKeys(path, wanted)
  const liveKeys = listKeys(path, live)
  if (wantedKeys === undefined || liveKeys === undefined) return compareAtomic(wanted, live, path, of)
  return wanted.flatMap((item, at) => {
    const key = wantedKeys[at] ?? ''
    const found = liveKeys.indexOf(key)
    return found < 0
      ? [{ path: `${path}[${key}]`, before: undefined, after: item }]
      : compare(item, live[found], `${path}[${key}]`, of)
  })
}

/** Items are compared one by one, so that defaults inside them (a rule's protocol) do not count. */
function compareAtomic(wanted: readonly unknown[], live: readonly unknown[], path: string, of: KindRef): FieldChange[] {
  const same =
    wanted.length === live.length &&
    wanted.every((item, at) => compare(item, live[at], `${path}[${at}]`, of).length === 0)
  return same ? [] : [{ path, before: live, after: wanted }]
}

function withdrawn(previous: unknown, wanted: unknown, live: unknown, path: string, of: KindRef): FieldChange[] {
  if (live === undefined) return []
  if (isBare(previous)) {
    // Only where it is stored as it was written does it say that the live value is the release's.
    const isOwn = wanted === undefined && isEqual(previous, live) && keepsEmpty(path, of)
    return isOwn ? gone(live, path) : []
  }
  if (isMap(previous) && isMap(live)) {
    const now = isMap(wanted) ? wanted : {}
    return Object.entries(previous).flatMap(([name, value]) =>
      Object.hasOwn(now, name) || isMap(value) || Array.isArray(value) || isBare(value)
        ? withdrawn(value, now[name], live[name], join(path, name), of)
        : gone(live[name], join(path, name)),
    )
  }
  if (Array.isArray(previous) && Array.isArray(live)) return withdrawnItems(previous, wanted, live, path, of)
  return []
}

function isBare(value: unknown): boolean {
  return isEmpty(value) && !isFilled(value)
}

function withdrawnItems(
  previous: readonly unknown[],
  wanted: unknown,
  live: readonly unknown[],
  path: string,
  of: KindRef,
): FieldChange[] {
  const now: readonly unknown[] = Array.isArray(wanted) ? wanted : []
  const [before, after, living] = [listKeys(path, previous), listKeys(path, now), listKeys(path, live)]
  if (before === undefined || after === undefined || living === undefined) {
    if (now.length === 0) return gone(live, path)
    // An atomic list is written as a whole: one that lost something inside an item is written anew.
    const rewritten =
      JSON.stringify(previous) !== JSON.stringify(now) && compareAtomic(now, live, path, of).length === 0
    return rewritten && JSON.stringify(now) !== JSON.stringify(live) ? [{ path, before: live, after: now }] : []
  }
  return previous.flatMap((item, at) => {
    const key = before[at] ?? ''
    const [found, still] = [living.indexOf(key), after.indexOf(key)]
    if (found < 0) return []
    return still < 0
      ? gone(live[found], `${path}[${key}]`)
      : withdrawn(item, now[still], live[found], `${path}[${key}]`, of)
  })
}

function gone(live: unknown, path: string): FieldChange[] {
  return live === undefined ? [] : [{ path, before: live, after: undefined }]
}
