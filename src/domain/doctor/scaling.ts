import { nameOf, type ApiResource, type KubeObject } from '../kube.ts'
import type { Remark } from './model.ts'
import { selects, type Selector } from '../selector.ts'
import { podMakers, type PodMaker } from './pods.ts'

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
    const pods = own.reduce((sum, maker) => sum + fewest(maker, objects, home), 0)
    const spare = maxUnavailable === undefined ? pods - countOf(minAvailable ?? 1, pods) : countOf(maxUnavailable, pods)
    if (pods === 0 || spare > 0) return []
    const said = maxUnavailable === undefined ? `minAvailable ${minAvailable ?? 1}` : `maxUnavailable ${maxUnavailable}`
    const text = `${nameOf(object)} (${said}, of ${pods === 1 ? '1 pod' : `${pods} pods`}) allows no disruption: a node could not be drained`
    return [{ kind: 'doubt', text, where: nameOf(object), show: ['get', 'poddisruptionbudgets'], namespace }]
  })
  const wrong = [...blocking, ...doubled(budgets, makers, home)]
  if (budgets.length === 0 || wrong.length > 0) return wrong
  const said = budgets.length === 1 ? '1 PodDisruptionBudget allows' : `${budgets.length} PodDisruptionBudgets allow`
  return [{ kind: 'well', text: `${said} a disruption` }]
}

/** An autoscaler goes down to its least, whatever is stated; of what is scaled to 0 it keeps off. */
function fewest({ object, namespace, replicas = 0 }: PodMaker, objects: readonly KubeObject[], home: string): number {
  const scaler = objects
    .filter(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && (metadata.namespace ?? home) === namespace)
    .map(({ spec }) => (spec ?? {}) as Scaler)
    .find(({ scaleTargetRef: target }) => target?.kind === object.kind && target.name === object.metadata.name)
  return scaler === undefined || replicas === 0 ? replicas : (scaler.minReplicas ?? 1)
}

/** An eviction is refused of a pod that two budgets select (Kubernetes, pods/eviction). */
function doubled(budgets: readonly KubeObject[], makers: readonly PodMaker[], home: string): Remark[] {
  return makers.flatMap(({ object, namespace, labels }): Remark[] => {
    const [one, other] = budgets.filter(({ metadata, spec }) => {
      const { selector } = (spec ?? {}) as Budget
      return (metadata.namespace ?? home) === namespace && selector !== undefined && selects(selector, labels)
    })
    if (one === undefined || other === undefined) return []
    const text = `${nameOf(one)} and ${nameOf(other)} both select the pods of ${nameOf(object)}: none of them could be evicted`
    return [{ kind: 'doubt', text, where: nameOf(one), show: ['get', 'poddisruptionbudgets'], namespace }]
  })
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
  readonly metrics?: readonly {
    readonly type?: string
    readonly resource?: { readonly name?: string; readonly target?: { readonly type?: string } }
  }[]
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
  /** Resources for which a LimitRange of the namespace gives requests to pods that state none. Undefined: nobody may look. */
  given: (namespace: string) => readonly string[] | undefined = () => [],
): Remark[] {
  const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const groups = new Set(resources.map(({ apiVersion }) => apiVersion.split('/')[0]))
  const wrong = scalers.flatMap((object): Remark[] => {
    const { namespace = home } = object.metadata
    const spec = (object['spec'] ?? {}) as Scaler
    const { kind = '', name = '' } = spec.scaleTargetRef ?? {}
    const rendered = objects.find((one) => one.kind === kind && one.metadata.name === name)
    const isThere = rendered !== undefined || live(kind, name, namespace)
    const idle = withoutMetrics(spec, groups)
    const faults = [
      ...(isThere ? [] : [{ text: `scales ${kind}/${name}, which is not there`, show: ['get', kind, name] }]),
      ...(idle.length > 0 ? idle : withoutRequests(spec, rendered, given(namespace))),
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

/** A share of requests is a share of nothing where a container has none: the autoscaler does not act then. */
function withoutRequests(
  { metrics }: Scaler,
  target: KubeObject | undefined,
  given: readonly string[] | undefined,
): Fault[] {
  const [maker] = target === undefined ? [] : podMakers([target], '')
  // A pod may ask for itself, and not by container.
  if (maker === undefined || given === undefined || 'resources' in maker.spec) return []
  // Without metrics it goes by the CPU of requests.
  const all = metrics ?? [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }]
  const shares = all.filter(({ type, resource }) => type === 'Resource' && resource?.target?.type === 'Utilization')
  const names = shares.flatMap(({ resource }) => resource?.name ?? []).filter((name) => !given.includes(name))
  return names.flatMap((name) => {
    const without = (maker.spec.containers ?? []).find(
      ({ resources }) => (resources?.requests?.[name] ?? resources?.limits?.[name]) === undefined,
    ) as { readonly name?: string } | undefined
    if (without === undefined) return []
    const text = `goes by a share of the ${name} that pods ask for, and container ${without.name ?? ''} of ${nameOf(maker.object)} asks for none`
    return [{ text, show: ['get', 'horizontalpodautoscalers'] }]
  })
}

function undoing({ minReplicas = 1, maxReplicas = Infinity }: Scaler, target: KubeObject | undefined): Fault[] {
  const stated = (target?.['spec'] as { replicas?: number } | undefined)?.replicas
  if (target === undefined || stated === undefined || stated === 0) return []
  if (stated >= minReplicas && stated <= maxReplicas) return []
  const text = `keeps ${minReplicas} to ${maxReplicas} pods, and ${nameOf(target)} states ${stated}: one undoes the other`
  return [{ text, show: ['get', 'horizontalpodautoscalers'] }]
}
