import { legacyRecord } from '../../domain/migrate/record.ts'
import type { SourceObject } from '../../domain/migrate/source.ts'
import { keyOf, refOf, type ApiResource, type KubeObject } from '../../domain/kube.ts'
import { settle, unchecked } from '../phases/findings.ts'
import type { LegacyStack, Observed } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { isNamespaced } from '../observe/kinds.ts'

/** What people apply, whether the old stack is known to have it or not. */
const USUAL = new Set([
  ...['apps/v1/Deployment', 'apps/v1/StatefulSet', 'apps/v1/DaemonSet', 'batch/v1/Job', 'batch/v1/CronJob'],
  ...['v1/Service', 'networking.k8s.io/v1/Ingress', 'networking.k8s.io/v1/NetworkPolicy'],
  ...['v1/ConfigMap', 'v1/Secret', 'v1/PersistentVolumeClaim', 'v1/ServiceAccount'],
  ...['rbac.authorization.k8s.io/v1/Role', 'rbac.authorization.k8s.io/v1/RoleBinding'],
  ...['autoscaling/v2/HorizontalPodAutoscaler', 'policy/v1/PodDisruptionBudget', 'v1/ResourceQuota', 'v1/LimitRange'],
])

/**
 * What ran before helm, beside what helm's records say. A release that helm does not know yet stands on what is there: its
 * history has one revision, which is written down before helm is run (`domain/migrate/record.ts`).
 */
export async function observeLegacy(
  observed: Observed,
  source: readonly SourceObject[],
  ports: Pick<DeployPorts, 'signal' | 'clock'>,
): Promise<Observed> {
  const live = await liveObjects(observed, source, ports)
  const at = new Date(ports.clock.now()).toISOString()
  const releases = observed.releases.map((work) => {
    if (work.history.length > 0) return work
    const record = legacyRecord(work.release.name, [], at)
    return { ...work, history: [record], before: record, way: 'patch' as const }
  })
  const stated = new Map(source.map((one) => [keyOf(one.object), one]))
  return { ...observed, releases, legacy: { source: stated, live } }
}

/** One list per kind and namespace, at once; what is not namespaced is read by name. */
async function liveObjects(
  observed: Observed,
  source: readonly SourceObject[],
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<LegacyStack['live']> {
  const { cluster, facts, project } = observed
  const namespaced = isNamespaced(facts.resources)
  const objects = source.map(({ object }) => object)
  const [within, beside] = [objects.filter(namespaced), objects.filter((one) => !namespaced(one))]
  const namespaces = new Set([
    project.environment.namespace,
    ...project.releases.map(({ namespace }) => namespace),
    ...within.flatMap(({ metadata: { namespace } }) => namespace ?? []),
  ])
  const kinds = facts.resources.filter((one) => isAsked(one, within))
  const note =
    ({ kind }: { readonly kind: string }) =>
    ({ message }: Error): void =>
      settle(observed, [unchecked(`${kind}s of the old stack`, message)])
  const lists = [...namespaces].flatMap((namespace) =>
    kinds.map(async (kind) => await unlessForbidden(cluster.list(kind, { namespace }, signal), note(kind))),
  )
  const reads = beside.map(async (object) => await unlessForbidden(cluster.get(refOf(object), signal), note(object)))
  const [listed, read] = await Promise.all([Promise.all(lists), Promise.all(reads)])
  const found = [...listed.flatMap((list) => list ?? []), ...read.flatMap((object) => object ?? [])]
  return new Map(found.filter(isMade).map((object) => [keyOf(object), object]))
}

function isAsked({ apiVersion, kind, namespaced, verbs }: ApiResource, source: readonly KubeObject[]): boolean {
  if (!namespaced || !verbs.includes('list')) return false
  const isStated = source.some((object) => object.apiVersion === apiVersion && object.kind === kind)
  return isStated || USUAL.has(`${apiVersion}/${kind}`)
}

/** By somebody, and not by a controller for something else. */
function isMade({ metadata: { ownerReferences = [] } }: KubeObject): boolean {
  return !ownerReferences.some(({ controller }) => controller === true)
}
