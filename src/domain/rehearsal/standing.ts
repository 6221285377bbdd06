import { isMap } from '../config/path.ts'
import { keyOf, namespacesOf, placedName, refOf, type KubeObject } from '../kube.ts'
import { CONTROLLER_NOTES } from '../migrate/adopted.ts'
import { allDifferences } from '../plan/all-differences.ts'
import { grownSize } from '../plan/claims.ts'
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
  const settled = (object: KubeObject): KubeObject =>
    withValues(
      object,
      movingIn(object)
        .filter(isMoving)
        .map(({ path }) => ({ path })),
    )
  const found = [
    ...[...before].flatMap(([key, old]) => {
      const now = after.get(key)
      if (now === undefined) return goesByItself(old) ? [] : [`${called(old)} is gone`]
      const what = changeOf(asGrown(settled(old), now), settled(now)) ?? lackOf(old, now)
      return what === undefined ? [] : [`${called(now)} ${what}`]
    }),
    ...[...after].flatMap(([key, now]) => (before.has(key) || mayStay(now) ? [] : [`${called(now)} is still there`])),
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

/** A Job that is deleted some time after its end. */
function goesByItself(object: KubeObject): boolean {
  return object.kind === 'Job' && specOf(object).ttlSecondsAfterFinished !== undefined
}

function changeOf(before: KubeObject, now: KubeObject): string | undefined {
  if (now.metadata.deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined)
    return 'is being deleted'
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

/** Numbers of revisions, which only ever grow, and what controllers note. */
const COUNTED = new Set([REVISION, KEY_REVISIONS, 'deprecated.daemonset.template.generation'])

/** As `allDifferences` takes it: without what is another each time that an object is made. */
function comparable(object: KubeObject, isRemade: boolean): KubeObject {
  const { labels, annotations = {}, ownerReferences, ...metadata } = object.metadata
  const stated = Object.entries(annotations).filter(([name]) => !COUNTED.has(name) && !CONTROLLER_NOTES.test(name))
  const owners = ownerReferences?.map((owner) => ({ ...owner, uid: '' }))
  const base = {
    ...object,
    metadata: {
      ...metadata,
      annotations: Object.fromEntries(stated),
      ...(labels === undefined ? {} : { labels }),
      ...(owners === undefined ? {} : { ownerReferences: owners }),
    },
  }
  if (object.kind === 'Job') return withoutJobMarks(base)
  return isRemade ? withoutGiven(base) : base
}

/** The controller ties a Job to its pods by its uid (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-labels). */
const JOB_LABELS = /^(?:batch\.kubernetes\.io\/)?controller-uid$/u

function withoutJobMarks(job: KubeObject): KubeObject {
  const { selector: _selector, template, ...spec } = fieldsOf(job['spec'])
  const { metadata, ...pod } = fieldsOf(template)
  const { labels, ...about } = fieldsOf(metadata)
  return {
    ...job,
    metadata: { ...job.metadata, labels: withoutJobLabels(job.metadata.labels) },
    spec: { ...spec, template: { ...pod, metadata: { ...about, labels: withoutJobLabels(labels) } } },
  }
}

function withoutJobLabels(labels: unknown): Record<string, string> {
  const all = Object.entries(fieldsOf(labels) as Readonly<Record<string, string>>)
  return Object.fromEntries(all.filter(([name]) => !JOB_LABELS.test(name)))
}

/** What the cluster itself chooses for an object that is made anew and does not say it. */
function withoutGiven(object: KubeObject): KubeObject {
  const spec = fieldsOf(object['spec'])
  switch (object.kind) {
    case 'Service':
      return { ...object, spec: withoutAddresses(spec) }
    case 'PersistentVolumeClaim': {
      const { volumeName: _volume, ...rest } = spec
      return { ...object, spec: rest }
    }
    case 'Pod': {
      const { nodeName: _node, ...rest } = spec
      return { ...object, spec: withoutToken(rest) }
    }
    default:
      return object
  }
}

function withoutAddresses(spec: Fields): Fields {
  const { clusterIP, clusterIPs: _all, healthCheckNodePort: _check, ports, ...rest } = spec
  const bare = Array.isArray(ports)
    ? ports.map((one: unknown) => {
        const { nodePort: _port, ...port } = fieldsOf(one)
        return port
      })
    : ports
  return { ...rest, ports: bare, ...(clusterIP === 'None' ? { clusterIP } : {}) }
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
