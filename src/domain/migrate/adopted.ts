import { isEqual } from '../canonical.ts'
import type { KubeObject, ManagedFields } from '../kube.ts'
import { hasCompleted, hasFailed } from '../plan/jobs.ts'
import { isControlPlane } from '../plan/managers.ts'
import { helmMarks } from '../plan/ownership.ts'
import { hasPodTemplate } from '../workload-kinds.ts'
import { isApplier, LAST_APPLIED, lastApplied } from './stated.ts'

const POLICY = 'helm.sh/resource-policy'
/** What controllers note of an object while it lives. */
export const CONTROLLER_NOTES = /^(?:deployment|batch)\.kubernetes\.io\/|^(?:pv|volume)\./u

/**
 * A live object as it counts once its release has taken it over: helm's, with what its tool had stated as helm's own fields.
 * What a person changed since stays that person's.
 */
export function asAdopted(
  live: KubeObject,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  hasSource: boolean,
): KubeObject {
  const { labels, annotations, managedFields = [], ...metadata } = live.metadata
  const marks = helmMarks({ name, namespace })
  const isStated = lastApplied(live) !== undefined || hasSource
  return {
    ...live,
    metadata: {
      ...metadata,
      labels: { ...labels, ...marks.labels },
      annotations: { ...annotations, ...marks.annotations },
      managedFields: managedFields.map((one) => (isLegacyTools(one, isStated) ? { ...one, manager: 'helm' } : one)),
    },
  }
}

/** helm leaves it where a chart gives it up. Undefined: it says so already. */
export function asKept(live: KubeObject): KubeObject | undefined {
  const { annotations = {} } = live.metadata
  if (annotations[POLICY] === 'keep') return undefined
  return { ...live, metadata: { ...live.metadata, annotations: { ...annotations, [POLICY]: 'keep' } } }
}

/** Who has written it beside the tool that applied it, and is no part of the control plane: what was added shows in nothing else. */
export function changedBy({ metadata: { managedFields = [] } }: KubeObject): string | undefined {
  const found = managedFields.find(
    ({ manager, subresource, time, operation }) =>
      subresource === undefined &&
      !isControlPlane({ manager: manager ?? 'unknown', time }) &&
      !isLegacyTools({ manager: manager ?? 'unknown', ...(operation === undefined ? {} : { operation }) }, true),
  )
  return found === undefined ? undefined : (found.manager ?? 'unknown')
}

function isLegacyTools(
  { manager = 'unknown', operation, subresource, time }: ManagedFields,
  isStated: boolean,
): boolean {
  if (subresource !== undefined) return false
  if (isApplier({ manager, operation })) return true
  // Nothing tells what was stated from what was changed since.
  return !isStated && !isControlPlane({ manager, time })
}

/**
 * An adopted object without what kubectl had left in it to apply it again: a later `kubectl apply` by habit is noticed as drift
 * then. Undefined: there is nothing of it.
 */
export function withoutTool(live: KubeObject): KubeObject | undefined {
  const { annotations = {}, managedFields = [], ...metadata } = live.metadata
  const left = managedFields.filter((one) => one.subresource !== undefined || !isApplier(one))
  const { [LAST_APPLIED]: applied, ...others } = annotations
  if (applied === undefined && left.length === managedFields.length) return undefined
  return { ...live, metadata: { ...metadata, annotations: others, managedFields: left } }
}

/**
 * As it belonged to nobody. `marks`: with the labels and annotations that it had; what controllers note since stays. `managers`:
 * with those who had written it, so that their tools go on as if nothing had been; who tells its status is told by that.
 */
export function handedBack(live: KubeObject, before: KubeObject, part: 'marks' | 'managers'): KubeObject | undefined {
  return part === 'marks' ? withMarks(live, before) : withManagers(live, before)
}

function withManagers(live: KubeObject, { metadata: { managedFields: had = [] } }: KubeObject): KubeObject | undefined {
  const { managedFields: now = [] } = live.metadata
  const managedFields = [
    ...had.filter(({ subresource }) => subresource === undefined),
    ...now.filter(({ subresource }) => subresource !== undefined),
  ]
  if (managedFields.length === 0 || isEqual(managedFields, now)) return undefined
  return { ...live, metadata: { ...live.metadata, managedFields } }
}

function withMarks(live: KubeObject, before: KubeObject): KubeObject | undefined {
  const { labels: lent = {}, annotations: now = {}, ...metadata } = live.metadata
  const { labels, annotations: had = {} } = before.metadata
  const notes = Object.entries(now).filter(([name]) => CONTROLLER_NOTES.test(name))
  const annotations = { ...had, ...Object.fromEntries(notes) }
  if (isEqual(lent, labels ?? {}) && isEqual(now, annotations)) return undefined
  return {
    ...live,
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  }
}

/** Nobody has changed it since, whatever its controllers have told of it. */
export function isAsItWas(live: KubeObject, before: KubeObject): boolean {
  return isEqual(stable(live), stable(before))
}

function stable({ status: _status, metadata, ...fields }: KubeObject): unknown {
  const { resourceVersion: _version, managedFields: _managed, annotations = {}, ...others } = metadata
  const own = Object.entries(annotations).filter(([name]) => !CONTROLLER_NOTES.test(name))
  return { ...fields, metadata: { ...others, annotations: Object.fromEntries(own) } }
}

/** As somebody applies it: without what the API server and controllers put there. */
export function toApply(before: KubeObject): KubeObject {
  const { status: _status, ...fields } = before
  const { name, namespace, labels, annotations, finalizers } = before.metadata
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels: withoutGiven(labels) }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
  }
  return {
    ...fields,
    apiVersion: before.apiVersion,
    kind: before.kind,
    metadata,
    ...(before.kind === 'Job' ? { spec: jobSpec(before) } : {}),
  }
}

const JOB_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid', 'job-name', 'batch.kubernetes.io/job-name']

function withoutGiven(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !JOB_LABELS.includes(name)))
}

interface JobSpec {
  readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  readonly [field: string]: unknown
}

/** Its selector and the labels of its pods are made from its uid. */
function jobSpec(before: KubeObject): JobSpec {
  const { selector: _selector, template = {}, ...spec } = before['spec'] as JobSpec
  const { metadata } = template
  if (metadata?.labels === undefined) return { ...spec, template }
  return { ...spec, template: { ...template, metadata: { ...metadata, labels: withoutGiven(metadata.labels) } } }
}

/**
 * To be made again. A Job runs where it is made: one that had ended, well or not, is there again, and waits for somebody to
 * start it.
 */
export function toMakeAgain(before: KubeObject): KubeObject {
  const made = toApply(before)
  if (before.kind !== 'Job' || !(hasCompleted(before) || hasFailed(before))) return made
  return { ...made, spec: { ...(made['spec'] as JobSpec), suspend: true } }
}

/** Whether pods run where it is made. */
export function hasPods({ kind }: KubeObject): boolean {
  return kind === 'Job' || kind === 'CronJob' || hasPodTemplate(kind)
}

/** Made again for a way back that is not proven yet. Being handed back takes the mark off (`handedBack`). */
const LENT = 'forge.api-forge.io/lent'

export function lent(before: KubeObject): KubeObject {
  const made = toMakeAgain(before)
  return { ...made, metadata: { ...made.metadata, annotations: { ...made.metadata.annotations, [LENT]: 'true' } } }
}

export function isLent({ metadata: { annotations = {} } }: KubeObject): boolean {
  return LENT in annotations
}
