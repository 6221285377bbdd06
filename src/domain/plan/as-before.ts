import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { locate } from './field-path.ts'
import { hasCompleted, hasFailed } from './jobs.ts'
import { isEqual } from '../canonical.ts'
import { withValues } from './preserved.ts'

/**
 * Set by controllers and by the API server when an object is written, whatever is in it: revisions of pod templates, and
 * where a claim was bound.
 */
const OWN_ANNOTATIONS =
  /^(?:deployment\.kubernetes\.io\/revision|deprecated\.daemonset\.template\.generation|pv\.kubernetes\.io\/.*|volume\.(?:beta\.)?kubernetes\.io\/(?:storage-provisioner|selected-node))$/u
const VOLUME = 'spec.volumeName'
const JOB_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid', 'job-name', 'batch.kubernetes.io/job-name']

/**
 * The object without what a rollback cannot and need not bring back (docs/design.md, "Rollback"): resourceVersion, generation,
 * managedFields, status, the deployment's revision, and the UIDs of Jobs that had to be made again. `remade`: so was this one.
 */
export function asBefore(object: KubeObject, remade = false): unknown {
  const { status: _status, metadata, ...fields } = object
  const { name, namespace, uid, labels, annotations, ownerReferences, finalizers } = metadata
  const kept = {
    name,
    namespace,
    labels,
    annotations: without(annotations, (one) => OWN_ANNOTATIONS.test(one)),
    ownerReferences,
    finalizers,
  }
  if (object.kind !== 'Job' && !remade) return { ...fields, metadata: { ...kept, uid } }
  if (object.kind !== 'Job') return { ...withoutAddresses(fields), metadata: kept }
  return { ...withoutJobIdentity(fields, remade), metadata: { ...kept, labels: without(labels, isJobLabel) } }
}

/** The cluster gives a Service that is made again another address. */
function withoutAddresses(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { spec, ...rest } = fields
  if (typeof spec !== 'object' || spec === null) return { ...fields }
  const { clusterIP: _one, clusterIPs: _all, ...others } = spec as Record<string, unknown>
  return { ...rest, spec: others }
}

/** A claim that had no volume may have got one: nothing takes that back. */
export function boundSince(object: KubeObject): string[] {
  const isUnbound = object.kind === 'PersistentVolumeClaim' && locate(object, VOLUME) === undefined
  return isUnbound ? [VOLUME] : []
}

interface JobFields {
  readonly spec?: {
    readonly selector?: unknown
    readonly suspend?: boolean
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  }
}

/** One that was made again after it had ended does not run again (domain/migrate/adopted.ts, toMakeAgain). */
function withoutJobIdentity(fields: Readonly<Record<string, unknown>>, remade: boolean): Record<string, unknown> {
  const { spec, ...rest } = fields as JobFields & Record<string, unknown>
  const { selector: _selector, suspend, template, ...others } = spec ?? {}
  const labels = without(template?.metadata?.labels, isJobLabel)
  const held = remade ? {} : { suspend }
  return {
    ...rest,
    spec: { ...others, ...held, template: { ...template, metadata: { ...template?.metadata, labels } } },
  }
}

function isJobLabel(name: string): boolean {
  return JOB_LABELS.includes(name)
}

function without(
  map: Readonly<Record<string, string>> | undefined,
  drop: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !drop(name)))
}

/**
 * Names of objects that are not as they were: changed, missing, or left behind. Compared without regard to key order. A Job that
 * had ended may be gone: its TTL, or whoever read its verdict, takes it away at any time.
 * `free`: paths that no rollback brings back, such as the count that an autoscaler decides.
 */
export function notAsBefore(
  before: ReadonlyMap<string, KubeObject>,
  after: ReadonlyMap<string, KubeObject>,
  remade: ReadonlySet<string> = new Set(),
  free: (object: KubeObject) => readonly string[] = () => [],
): string[] {
  const changed = [...before].flatMap(([key, object]) => {
    const now = after.get(key)
    const ignored = [...free(object), ...boundSince(object)].map((path) => ({ path }))
    const told = (one: KubeObject): unknown => asBefore(withValues(one, ignored), remade.has(key))
    if (now === undefined) return hasCompleted(object) || hasFailed(object) ? [] : [nameOf(object)]
    return isEqual(told(now), told(object)) ? [] : [nameOf(object)]
  })
  const left = [...after.values()].filter((object) => !before.has(keyOf(object))).map(nameOf)
  return [...changed, ...left]
}
