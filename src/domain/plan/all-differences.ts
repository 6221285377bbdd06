import { isMap } from '../config/path.ts'
import type { KindRef, KubeObject } from '../kube.ts'
import { isFilled, isNothing } from './empty.ts'
import { join, listKeys } from './field-path.ts'
import type { FieldChange } from './model.ts'
import { sameValue } from './same-value.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Every field in which two states of one object differ, as the API server stores them: what it defaults is in both and
 * so does not count. `status` and what the server keeps in metadata by itself are left out.
 */
export function allDifferences(before: KubeObject, after: KubeObject): FieldChange[] {
  return compare(stored(before), stored(after), '', after)
}

/** In the order in which people read an object: metadata first. */
function stored({ apiVersion: _apiVersion, kind: _kind, metadata, status: _status, ...fields }: KubeObject): Fields {
  const { labels, annotations, finalizers, ownerReferences } = metadata
  return { metadata: { labels, annotations, finalizers, ownerReferences }, ...fields }
}

function compare(before: unknown, after: unknown, path: string, of: KindRef): FieldChange[] {
  if (isMap(before) && isMap(after)) {
    const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
    return names.flatMap((name) => compare(before[name], after[name], join(path, name), of))
  }
  // A map that appears or vanishes is told field by field, like one that changes.
  if (isFilled(before) && after === undefined) return compare(before, {}, path, of)
  if (isFilled(after) && before === undefined) return compare({}, after, path, of)
  if (isNothing(before, after, path, of)) return []
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, of)
  return sameValue(after, before, path, of) ? [] : [{ path, before, after }]
}

function compareLists(before: readonly unknown[], after: readonly unknown[], path: string, of: KindRef): FieldChange[] {
  const [old, now] = [listKeys(path, before), listKeys(path, after)]
  if (old === undefined || now === undefined)
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
  return [...new Set([...now, ...old])].flatMap((key) => {
    const [from, to] = [before[old.indexOf(key)], after[now.indexOf(key)]]
    const at = `${path}[${key}]`
    return from === undefined || to === undefined ? [{ path: at, before: from, after: to }] : compare(from, to, at, of)
  })
}
