import { isMap, type PlainMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import { isEqual } from '../canonical.ts'
import { settle } from './volatile.ts'

/**
 * `next` is a render that has found what `first` makes. It may be written in its place where it is what `first` might have been as
 * well: other only where two renders in a row (`first`, `again`) differ by chance, and in annotations of pods, which say what
 * they belong to. Returned are the objects of which that is not so: a chart may do in its first install what it never does again.
 */
export function notByChance(
  first: readonly Rendered[],
  again: readonly Rendered[],
  next: readonly Rendered[],
): Rendered[] {
  const [second, then] = [byKey(again), byKey(next)]
  const known = byKey(first)
  const odd = first.filter((rendered) => {
    const [other, found] = [second.get(keyOf(rendered.object)), then.get(keyOf(rendered.object))]
    return other === undefined || found === undefined || !isByChance(rendered.object, other, found)
  })
  return [...odd, ...next.filter(({ object }) => !known.has(keyOf(object)))]
}

function isByChance(first: KubeObject, again: KubeObject, next: KubeObject): boolean {
  const [one, other] = [first, again].map((object) => withAnnotationsOf(next, object))
  return isEqual(settle(one, other, next, ''), next)
}

const PATH = ['spec', 'template', 'metadata', 'annotations']

/** With those texts of its pod template that both have, as `next` has them; an empty one is none. */
function withAnnotationsOf(next: KubeObject, object: KubeObject): unknown {
  const theirs = annotationsOf(next)
  const put = (value: unknown, [name, ...rest]: readonly string[]): unknown => {
    if (!isMap(value)) return value
    if (name !== undefined) return Object.hasOwn(value, name) ? { ...value, [name]: put(value[name], rest) } : value
    const own = Object.entries(value).map(([key, text]) => [
      key,
      isText(text) && isText(theirs[key]) ? theirs[key] : text,
    ])
    return Object.fromEntries(own)
  }
  return put(object, PATH)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function annotationsOf(object: KubeObject): PlainMap {
  let found: unknown = object
  for (const name of PATH) found = isMap(found) ? found[name] : undefined
  return isMap(found) ? found : {}
}

function byKey(rendered: readonly Rendered[]): Map<string, KubeObject> {
  return new Map(rendered.map(({ object }) => [keyOf(object), object]))
}

/** Whether the render has each of these objects unchanged. */
export function isSame(objects: readonly KubeObject[], rendered: readonly Rendered[]): boolean {
  const found = byKey(rendered)
  return objects.every((object) => isEqual(found.get(keyOf(object)), object))
}
