import { canonical, isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import { keyOf, nameOf } from '../kube.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'

/** In which objects a render is not what helm wrote, without a value: it may be a secret. Empty: it is the same. */
export function otherThan(written: readonly Rendered[], rendered: readonly Rendered[]): string[] {
  // helm keeps no definition of crds/ in the manifest.
  const now = byKey(rendered.filter((one) => !isBundledDefinition(one) && !isTest(one)))
  const before = byKey(written.filter((one) => !isTest(one)))
  const missing = [...before].filter(([key]) => !now.has(key)).map(([, one]) => `${nameOf(one.object)} is not rendered`)
  const others = [...now].flatMap(([key, one]) => {
    const old = before.get(key)
    if (old === undefined) return [`${nameOf(one.object)} is rendered, and the release does not have it`]
    if (canonical(old.object) === canonical(one.object)) return []
    return [`${nameOf(one.object)} differs in ${firstPath(old.object, one.object, '')}`]
  })
  return [...others, ...missing]
}

/** It runs when somebody asks for it, and mostly has another name each time. */
function isTest({ hook }: Rendered): boolean {
  return hook?.events.every((event) => event.startsWith('test')) === true
}

function byKey(all: readonly Rendered[]): Map<string, Rendered> {
  return new Map(all.map((one) => [keyOf(one.object), one]))
}

function firstPath(one: unknown, other: unknown, path: string): string {
  if (Array.isArray(one) && Array.isArray(other)) {
    const items: readonly unknown[] = other
    const at = one.findIndex((item, index) => !isEqual(item, items[index]))
    return at < 0 || one.length !== items.length ? path : firstPath(one[at], items[at], `${path}[${at}]`)
  }
  if (!isMap(one) || !isMap(other)) return path
  const name = Object.keys({ ...one, ...other }).find((key) => !isEqual(one[key], other[key]))
  return name === undefined ? path : firstPath(one[name], other[name], path === '' ? name : `${path}.${name}`)
}
