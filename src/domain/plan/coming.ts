import { ownObjects } from '../manifest/hooks.ts'
import { isMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import { dataOf, encodedTexts } from '../secrets/plan.ts'
import { isEqual } from '../canonical.ts'

/** A Secret or ConfigMap that a deploy is about to write. */
export interface Coming {
  readonly object: KubeObject
  /** The same as it is sent. */
  readonly sent: KubeObject
  /** As it was last written: keys that it has no longer go. */
  readonly previous?: KubeObject | undefined
}

/** What the API server alone gives an object that is made, or a text that stands for it. */
export interface Identity {
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

/** Kinds whose content is known before they are written; of others the cluster fills in fields (addresses, counts). */
const FORESEEN = ['Secret', 'ConfigMap']

/** Of what a release renders: that which its last deploy did not write like this. `made`: hooks that make objects, too. */
export function comingOf(
  rendered: readonly Rendered[],
  previous: ReadonlyMap<string, KubeObject>,
  made: readonly KubeObject[],
  stamp: (object: KubeObject) => KubeObject,
): Coming[] {
  const own = ownObjects(rendered)
  return [...own, ...made].flatMap((object) => {
    const before = previous.get(keyOf(object))
    const isForeseen = object.apiVersion === 'v1' && FORESEEN.includes(object.kind)
    if (!isForeseen || (before !== undefined && isEqual(before, object))) return []
    return [{ object, sent: stamp(object), previous: before }]
  })
}

/** What a lookup finds of it after it was written. `live`: what it finds now. */
export function foundAfter(
  { sent: object, previous }: Coming,
  live: KubeObject | undefined,
  identity: Identity,
): KubeObject {
  const { stringData: _, ...rest } = object
  const metadata = {
    ...identity,
    ...live?.metadata,
    ...object.metadata,
    ...merged('labels', object, live),
    ...merged('annotations', object, live),
    resourceVersion: identity.resourceVersion,
  }
  const isSecret = object.kind === 'Secret'
  const type = isSecret ? { type: object['type'] ?? live?.['type'] ?? 'Opaque' } : {}
  const binary = keysAfter(mapOf(object['binaryData']), mapOf(previous?.['binaryData']), mapOf(live?.['binaryData']))
  const data = keysAfter(textsOf(object), textsOf(previous), live === undefined ? {} : dataOf(live))
  return {
    ...rest,
    ...type,
    metadata,
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(binary).length === 0 ? {} : { binaryData: binary }),
  }
}

function merged(field: 'labels' | 'annotations', object: KubeObject, live: KubeObject | undefined) {
  const all = { ...live?.metadata[field], ...object.metadata[field] }
  return Object.keys(all).length === 0 ? {} : { [field]: all }
}

/** As the API server keeps what a manifest says. */
function textsOf(object: KubeObject | undefined): Record<string, string> {
  return object === undefined ? {} : { ...dataOf(object), ...encodedTexts(object) }
}

function mapOf(value: unknown): Record<string, unknown> {
  return isMap(value) ? value : {}
}

function keysAfter<V>(
  now: Readonly<Record<string, V>>,
  before: Readonly<Record<string, V>>,
  live: Readonly<Record<string, V>>,
): Record<string, V> {
  const others = Object.entries(live).filter(([key]) => !Object.hasOwn(before, key))
  return { ...Object.fromEntries(others), ...now }
}
