import { isMap } from '../config/path.ts'
import { groupOf, type KubeObject } from '../kube.ts'
import { selects, type Selector } from '../selector.ts'

/** What people may call the component of a pod or workload, the word of docs/design.md first. */
export function componentNames({ metadata: { labels } }: KubeObject): string[] {
  return [labels?.['app.kubernetes.io/component'], labels?.['app.kubernetes.io/name']].filter(
    (name) => name !== undefined,
  )
}

/**
 * Whether an object belongs to a component: by the label app.kubernetes.io/component where any of `all` has that value,
 * else by app.kubernetes.io/name. Undefined when nobody is called so.
 */
export function membersOf(
  component: string,
  all: readonly KubeObject[],
): ((object: KubeObject) => boolean) | undefined {
  for (const label of ['app.kubernetes.io/component', 'app.kubernetes.io/name']) {
    const has = ({ metadata: { labels } }: KubeObject): boolean => labels?.[label] === component
    if (all.some(has)) return has
  }
  return undefined
}

/**
 * Whether a pod is one of an object that forge.yaml names under `components`, by what the object's controller writes on its
 * pods. Of a kind that says no selector: those that it owns itself.
 */
export function podsOfObject({ apiVersion, kind, metadata, spec }: KubeObject): (object: KubeObject) => boolean {
  const belongs = ownedBy({ apiVersion, kind, metadata, spec })
  return (object) =>
    object.kind === 'Pod' &&
    (metadata.namespace === undefined || object.metadata.namespace === metadata.namespace) &&
    belongs(object)
}

function ownedBy({ apiVersion, kind, metadata: { name }, spec }: KubeObject): (pod: KubeObject) => boolean {
  const has = (label: string) => {
    return ({ metadata: { labels } }: KubeObject): boolean => labels?.[label] === name
  }
  if (kind === 'Pod') return ({ metadata }) => metadata.name === name
  // https://cloudnative-pg.io/documentation/current/labels_annotations/
  if (kind === 'Cluster' && groupOf(apiVersion) === 'postgresql.cnpg.io') return has('cnpg.io/cluster')
  if (kind === 'Job') return has('batch.kubernetes.io/job-name')
  const selector = isMap(spec)
    ? (spec['selector'] as Selector | Readonly<Record<string, string>> | undefined)
    : undefined
  if (kind === 'ReplicationController' && selector !== undefined)
    return ({ metadata }) =>
      selects({ matchLabels: selector as Readonly<Record<string, string>> }, metadata.labels ?? {})
  if (isMap(selector) && (isMap(selector['matchLabels']) || Array.isArray(selector['matchExpressions'])))
    return ({ metadata }) => selects(selector, metadata.labels ?? {})
  return ({ metadata }) => (metadata.ownerReferences ?? []).some((owner) => owner.kind === kind && owner.name === name)
}
