import { nameOf, type ApiResource, type KubeObject } from '../kube.ts'
import type { Remark } from './model.ts'
import { selects, type Selector } from '../selector.ts'
import type { PodMaker } from './pods.ts'

interface Budget {
  readonly minAvailable?: number | string
  readonly maxUnavailable?: number | string
  readonly selector?: Selector
}

/** Budgets of the render with which no pod may ever be evicted: a node could not be drained. */
export function blockingBudgets(objects: readonly KubeObject[], makers: readonly PodMaker[], home: string): Remark[] {
  const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
  const blocking = budgets.flatMap((object): Remark[] => {
    const { namespace = home } = object.metadata
    const { selector, minAvailable, maxUnavailable } = (object['spec'] ?? {}) as Budget
    if (selector === undefined) return []
    const own = makers.filter((one) => one.namespace === namespace && selects(selector, one.labels))
    // Of some it is not known how many there are.
    if (own.length === 0 || own.some(({ replicas }) => replicas === undefined)) return []
    const pods = own.reduce((sum, { replicas = 0 }) => sum + replicas, 0)
    const spare = maxUnavailable === undefined ? pods - countOf(minAvailable ?? 1, pods) : countOf(maxUnavailable, pods)
    if (pods === 0 || spare > 0) return []
    const said = maxUnavailable === undefined ? `minAvailable ${minAvailable ?? 1}` : `maxUnavailable ${maxUnavailable}`
    const text = `${nameOf(object)} (${said}, of ${pods === 1 ? '1 pod' : `${pods} pods`}) allows no disruption: a node could not be drained`
    return [{ kind: 'doubt', text, where: nameOf(object), show: ['get', 'poddisruptionbudgets'], namespace }]
  })
  if (budgets.length === 0 || blocking.length > 0) return blocking
  const said = budgets.length === 1 ? '1 PodDisruptionBudget allows' : `${budgets.length} PodDisruptionBudgets allow`
  return [{ kind: 'well', text: `${said} a disruption` }]
}

/** Kubernetes rounds a share of the pods up, whichever of the two it is. */
function countOf(value: number | string, pods: number): number {
  const [, percent] = /^(\d+)%$/u.exec(String(value)) ?? []
  return percent === undefined ? Number(value) : Math.ceil((Number(percent) / 100) * pods)
}

interface Scaler {
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
  readonly minReplicas?: number
  readonly maxReplicas?: number
  readonly metrics?: readonly { readonly type?: string }[]
}

/** Which API gives what a metric is of. */
const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'metrics.k8s.io',
  ContainerResource: 'metrics.k8s.io',
  Pods: 'custom.metrics.k8s.io',
  Object: 'custom.metrics.k8s.io',
  External: 'external.metrics.k8s.io',
}

/** Autoscalers of the render that cannot work, or that undo at once what the chart states. */
export function idleScalers(
  objects: readonly KubeObject[],
  resources: readonly ApiResource[],
  live: (kind: string, name: string, namespace: string) => boolean,
  home: string,
): Remark[] {
  const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const groups = new Set(resources.map(({ apiVersion }) => apiVersion.split('/')[0]))
  const wrong = scalers.flatMap((object): Remark[] => {
    const { namespace = home } = object.metadata
    const spec = (object['spec'] ?? {}) as Scaler
    const { kind = '', name = '' } = spec.scaleTargetRef ?? {}
    const rendered = objects.find((one) => one.kind === kind && one.metadata.name === name)
    const isThere = rendered !== undefined || live(kind, name, namespace)
    const faults = [
      ...(isThere ? [] : [{ text: `scales ${kind}/${name}, which is not there`, show: ['get', kind, name] }]),
      ...withoutMetrics(spec, groups),
      ...undoing(spec, rendered),
    ]
    const where = nameOf(object)
    return faults.map(({ text, show }) => ({ kind: 'doubt', where, namespace, text: `${where} ${text}`, show }))
  })
  if (scalers.length === 0 || wrong.length > 0) return wrong
  const said =
    scalers.length === 1 ? '1 HorizontalPodAutoscaler has' : `${scalers.length} HorizontalPodAutoscalers have`
  return [{ kind: 'well', text: `${said} metrics to go by` }]
}

interface Fault {
  readonly text: string
  readonly show: readonly string[]
}

function withoutMetrics(
  { metrics = [{ type: 'Resource' }] }: Scaler,
  groups: ReadonlySet<string | undefined>,
): Fault[] {
  const wanted = metrics.flatMap(({ type = '' }) => SOURCES[type] ?? [])
  const missing = wanted.find((group) => !groups.has(group))
  if (missing === undefined) return []
  return [{ text: `has nothing to go by: the cluster does not serve ${missing}`, show: ['get', 'apiservices'] }]
}

function undoing({ minReplicas = 1, maxReplicas = Infinity }: Scaler, target: KubeObject | undefined): Fault[] {
  const stated = (target?.['spec'] as { replicas?: number } | undefined)?.replicas
  if (target === undefined || stated === undefined || stated === 0) return []
  if (stated >= minReplicas && stated <= maxReplicas) return []
  const text = `keeps ${minReplicas} to ${maxReplicas} pods, and ${nameOf(target)} states ${stated}: one undoes the other`
  return [{ text, show: ['get', 'horizontalpodautoscalers'] }]
}
