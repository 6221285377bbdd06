import { isEqual } from '../canonical.ts'
import type { KubeObject, ManagedFields } from '../kube.ts'
import { isControlPlane } from '../plan/managers.ts'
import { helmMarks } from '../plan/ownership.ts'
import { LAST_APPLIED, lastApplied } from './stated.ts'

const POLICY = 'helm.sh/resource-policy'
/** As which kubectl applies and makes objects; `kubectl` itself where it applies on the server. */
const APPLIERS = new Set(['kubectl-client-side-apply', 'kubectl-create', 'kubectl-replace', 'kubectl-last-applied'])

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

function isLegacyTools(
  { manager = 'unknown', operation, subresource, time }: ManagedFields,
  isStated: boolean,
): boolean {
  if (subresource !== undefined) return false
  if (APPLIERS.has(manager) || (manager === 'kubectl' && operation === 'Apply')) return true
  // Nothing tells what was stated from what was changed since.
  return !isStated && !isControlPlane({ manager, time })
}

/**
 * An adopted object without what kubectl had left in it to apply it again: a later `kubectl apply` by habit is noticed as drift
 * then. Undefined: there is nothing of it.
 */
export function withoutTool(live: KubeObject): KubeObject | undefined {
  const { annotations = {}, managedFields = [], ...metadata } = live.metadata
  const left = managedFields.filter(
    ({ manager = '', operation, subresource }) =>
      subresource !== undefined || !(APPLIERS.has(manager) || (manager === 'kubectl' && operation === 'Apply')),
  )
  const { [LAST_APPLIED]: applied, ...others } = annotations
  if (applied === undefined && left.length === managedFields.length) return undefined
  return { ...live, metadata: { ...metadata, annotations: others, managedFields: left } }
}

/** As it belonged to nobody: with the labels and annotations that it had; what controllers note since stays. */
export function handedBack(live: KubeObject, before: KubeObject): KubeObject | undefined {
  const { labels: lent = {}, annotations: now = {}, ...metadata } = live.metadata
  const { labels, annotations: had = {} } = before.metadata
  const notes = Object.entries(now).filter(([name]) =>
    /^(?:deployment|batch)\.kubernetes\.io\/|^(?:pv|volume)\./u.test(name),
  )
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
  const labels = withoutGiven(template.metadata?.labels ?? {})
  return { ...spec, template: { ...template, metadata: { ...template.metadata, labels } } }
}

/** To be made again. A Job runs where it is made: one that had ended is there again, and waits for somebody to start it. */
export function toMakeAgain(before: KubeObject): KubeObject {
  const made = toApply(before)
  const isOver = (before['status'] as { completionTime?: string } | undefined)?.completionTime !== undefined
  if (before.kind !== 'Job' || !isOver) return made
  return { ...made, spec: { ...(made['spec'] as JobSpec), suspend: true } }
}
