import { isMap } from '../config/path.ts'
import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { secretReferences } from '../manifest/secret-references.ts'
import { withValues } from '../plan/preserved.ts'
import { conditionOf } from '../readiness/conditions.ts'
import { statusOf } from '../readiness/shapes.ts'
import type { Awaited } from '../secrets/awaited.ts'
import { toBase64 } from '../secrets/plan.ts'

/** A Secret that something else makes while the deploy runs: in a sandbox nobody does. */
export interface Given extends Required<Pick<ObjectRef, 'name' | 'namespace'>> {
  /** Made-up values, base64, of the keys that pods want. */
  readonly data: Readonly<Record<string, string>>
  readonly makers: readonly ObjectRef[]
  /** A chart makes it, without these keys. */
  readonly isRendered: boolean
}

/**
 * `rendered`: with hooks. `live`: what stands in the environment. What a maker does not make there, by its own word or because its
 * operator does not run (`isIdle`), is not there here.
 */
export function givenSecrets(
  awaited: readonly Awaited[],
  rendered: readonly KubeObject[],
  live: readonly KubeObject[],
  isIdle: (maker: ObjectRef) => boolean,
): Given[] {
  const broken = new Set(live.filter(isBroken).map(keyOf))
  const fails = (maker: ObjectRef): boolean => broken.has(keyOf(maker)) || isIdle(maker)
  const references = rendered.flatMap(secretReferences)
  const places = Map.groupBy(
    awaited.filter(({ makers }) => !makers.every(fails)),
    ({ namespace, secret }) => `${namespace}/${secret}`,
  )
  return [...places.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { namespace, secret } = first
    const wanted = references.filter((one) => one.secret === secret && (one.namespace ?? namespace) === namespace)
    const isWhole = all.some(({ key }) => key === undefined)
    const keys = isWhole ? wanted.flatMap((one) => one.keys ?? []) : all.flatMap(({ key }) => key ?? [])
    const data = Object.fromEntries([...new Set(keys)].map((key) => [key, toBase64(Buffer.from(`made up: ${key}`))]))
    const isRendered = rendered.some(({ kind, metadata }) => {
      return kind === 'Secret' && metadata.name === secret && (metadata.namespace ?? namespace) === namespace
    })
    return [{ namespace, name: secret, data, makers: all.flatMap(({ makers }) => makers), isRendered }]
  })
}

function isBroken(object: KubeObject): boolean {
  return conditionOf(statusOf(object).conditions, 'Ready')?.status === 'False'
}

/** With the keys that it is given, where it is one of those. */
export function withGiven(object: KubeObject, given: readonly Given[]): KubeObject {
  if (object.kind !== 'Secret') return object
  const { name, namespace } = object.metadata
  const own = given.find((one) => one.name === name && one.namespace === (namespace ?? one.namespace))
  if (own === undefined) return object
  const has = isMap(object['data']) ? object['data'] : {}
  return withValues(object, [{ path: 'data', value: { ...own.data, ...has } }])
}

/** To be created, where nothing else has it. */
export function secretOf({ namespace, name, data }: Given): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data }
}

/** `app-tls (Certificate/app-tls)` */
export function givenText({ name, makers }: Given): string {
  return `${name} (${[...new Set(makers.map((maker) => nameOf(maker)))].join(' or ')})`
}
