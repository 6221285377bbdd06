import { isMap } from '../config/path.ts'
import { keyOf, namespacesOf, placedName, refOf, type KubeObject } from '../kube.ts'
import { allDifferences } from '../plan/all-differences.ts'
import { isLeaving } from '../leaving.ts'
import { asBefore, boundSince } from '../plan/as-before.ts'
import { grownSize } from '../plan/claims.ts'
import { hasCompleted, hasFailed } from '../plan/jobs.ts'
import { join } from '../plan/field-path.ts'
import { isMoving, preservedFields, withValues } from '../plan/preserved.ts'
import { specOf, statusOf } from '../readiness/shapes.ts'
import { KEY_REVISIONS, REVISION } from '../secrets/plan.ts'
import { hasPodTemplate, workloadIs } from '../workload-kinds.ts'

/** The objects of the releases as the cluster has them, by `keyOf`. */
export type Standing = ReadonlyMap<string, KubeObject>

/** Of a rollback that did not bring all back: so many are named. */
const MOST = 10

/**
 * What is compared of these objects: no hooks, which are run for a release and are no part of it, nothing that a controller
 * makes of another object, and no state of helm or forge.
 */
export function standingOf(objects: readonly KubeObject[]): Standing {
  return new Map(objects.filter((one) => !isBeside(one)).map((one) => [keyOf(one), one]))
}

/** Sentences without a full stop: what a rollback has not brought back, or not taken away. Empty: all is as it was. */
export function differencesBetween(before: Standing, after: Standing): string[] {
  const all = [...before.values(), ...after.values()]
  const [home = '', ...others] = namespacesOf(all)
  const called = (object: KubeObject): string => placedName(refOf(object), others.length === 0 ? home : '')
  const movingIn = preservedFields(all, { policy: 'report', preserve: [] })
  const free = (object: KubeObject): { readonly path: string }[] => [
    ...movingIn(object).filter(isMoving),
    ...boundSince(object).map((path) => ({ path })),
  ]
  const without = (object: KubeObject, paths: readonly { readonly path: string }[]): KubeObject =>
    withValues(
      object,
      paths.map(({ path }) => ({ path })),
    )
  const found = [
    ...[...before].flatMap(([key, old]) => {
      const now = after.get(key)
      if (now === undefined) return goesByItself(old) ? [] : [`${called(old)} is gone`]
      const what = changeOf(asGrown(without(old, free(old)), now), without(now, free(old))) ?? lackOf(old, now)
      return what === undefined ? [] : [`${called(now)} ${what}`]
    }),
    ...[...after].flatMap(([key, now]) =>
      before.has(key) || mayStay(now) || isLeaving(now) ? [] : [`${called(now)} is still there`],
    ),
  ]
  const more = found.length - MOST
  return more > 0 ? [...found.slice(0, MOST), `${more} more objects are not as they were`] : found
}

const BESIDE = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease'])
const HOOK = 'helm.sh/hook'
const STATE = /^(?:helm\.sh|forge\.api-forge\.io)\//u

function isBeside({ kind, metadata, type }: KubeObject): boolean {
  return (
    BESIDE.has(kind) ||
    metadata.annotations?.[HOOK] !== undefined ||
    metadata.ownerReferences?.some(({ controller }) => controller === true) === true ||
    (kind === 'Secret' && typeof type === 'string' && STATE.test(type))
  )
}

/** What no rollback takes away (docs/rollback.md): with these goes what they hold. */
const HOLDS = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'])

function mayStay({ kind, metadata: { annotations } }: KubeObject): boolean {
  return HOLDS.has(kind) || annotations?.['helm.sh/resource-policy'] === 'keep'
}

/** No volume ever shrinks: a claim keeps the size that a deploy gave it. */
function asGrown(before: KubeObject, now: KubeObject): KubeObject {
  return withValues(before, grownSize(before, now))
}

/** A Job that has ended may be taken away at any time. */
function goesByItself(object: KubeObject): boolean {
  return hasCompleted(object) || hasFailed(object)
}

function changeOf(before: KubeObject, now: KubeObject): string | undefined {
  if (isLeaving(now) && !isLeaving(before)) return 'is being deleted'
  const isRemade = before.metadata.uid !== now.metadata.uid
  const [first, ...more] = allDifferences(comparable(before, isRemade), comparable(now, isRemade))
  if (first === undefined) return undefined
  // The path alone: a value may be a secret.
  const fields = more.length === 1 ? 'field' : 'fields'
  return `is not as it was: ${first.path}${more.length === 0 ? '' : `, and ${more.length} more ${fields}`}`
}

/** Pods that were ready and are not, where that many are wanted. */
function lackOf(before: KubeObject, now: KubeObject): string | undefined {
  if (!hasPodTemplate(now.kind)) return undefined
  const wanted = workloadIs(now.kind, 'isScaled') ? (specOf(now).replicas ?? 1) : Number.POSITIVE_INFINITY
  const had = Math.min(readyIn(before), wanted)
  return readyIn(now) < had ? `has ${readyIn(now)} of the ${had} pods that were ready` : undefined
}

function readyIn(object: KubeObject): number {
  const { readyReplicas, numberReady } = statusOf(object)
  return readyReplicas ?? numberReady ?? 0
}

/** Numbers of revisions, which only ever grow. */
const COUNTED = [REVISION, KEY_REVISIONS].map((name) => ({ path: join('metadata.annotations', name) }))

/** As a rollback itself proves it, without what is another each time that an object, or its owner, is made. */
function comparable(object: KubeObject, isRemade: boolean): KubeObject {
  const { metadata, ...fields } = asBefore(withValues(object, COUNTED), isRemade) as KubeObject
  const owners = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: '' }))
  const base: KubeObject = {
    ...fields,
    metadata: { ...metadata, ...(owners === undefined ? {} : { ownerReferences: owners }) },
  }
  if (!isRemade) return base
  const { volumeName: _volume, nodeName: _node, ...spec } = fieldsOf(base['spec'])
  if (object.kind === 'PersistentVolumeClaim') return { ...base, spec }
  return object.kind === 'Pod' ? { ...base, spec: withoutToken(spec) } : base
}

/** Its token is mounted under a name of its own each time. */
function withoutToken(spec: Fields): Fields {
  const text = JSON.stringify(spec).replaceAll(/kube-api-access-[a-z0-9]{5}/gu, 'kube-api-access')
  return JSON.parse(text) as Fields
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  return isMap(value) ? value : {}
}
