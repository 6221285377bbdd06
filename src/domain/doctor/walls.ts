import { nameOf, type KubeObject } from '../kube.ts'
import { selects, type Labels } from '../selector.ts'
import { mentionsOf } from './mentions.ts'
import type { Remark } from './model.ts'
import { letsSome, letsThrough, wallsOf, type End, type Goal } from './policies.ts'
import type { PodMaker } from './pods.ts'

export interface WallScene {
  readonly home: string
  readonly objects: readonly KubeObject[]
  readonly makers: readonly PodMaker[]
  /** NetworkPolicies that are there, beside those of the render. */
  readonly others: readonly KubeObject[]
  /** Undefined: they are not known. */
  readonly namespaceLabels: (namespace: string) => Labels | undefined
}

interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol?: string
}

/** How a pod comes to a Service: each pod behind it, with the port there. */
interface Way {
  readonly from: PodMaker
  readonly service: KubeObject
  readonly ends: readonly { readonly maker: PodMaker; readonly goal: Goal }[]
  readonly at: string
}

/** What is in the way, and whose it is. */
interface Shut {
  readonly where: KubeObject
  readonly because: string
}

/**
 * Pods that call a Service of the same render which its NetworkPolicies keep from them, on either side. Only what no policy, of the
 * render or live, can let through is told.
 */
export function shutOut(scene: WallScene): Remark[] {
  const { objects, makers, home } = scene
  const policies = policiesOf(scene)
  if (policies.length === 0) return []
  const mentions = mentionsOf(makers, objects, home).filter(({ by }) => !isOnHost(by))
  const remarks = mentions.flatMap(({ by, service, port, at }): Remark[] => {
    const ways = waysTo(service, port, makers, home).map((ends) => ({ from: by, service, ends, at }))
    const shut = ways.map((way) => shutOf(way, policies, scene))
    const [first] = shut
    // Where it does not say which port, all of them must be shut.
    if (first === undefined || shut.includes(undefined)) return []
    const shown = `${nameOf(service)}${port === undefined ? '' : `:${port}`}`
    const text = `${nameOf(by.object)} may not reach ${shown}, which it names in ${at}: ${first.because}`
    const where = nameOf(first.where)
    return [{ kind: 'doubt', where, text, show: ['describe', 'networkpolicies'], namespace: by.namespace }]
  })
  return [...remarks, ...withoutNames(mentions, policies, home), ...shutEntrances(scene, policies)]
}

/** Those of the render replace what is live under their names. */
function policiesOf({ objects, others, home }: WallScene): readonly KubeObject[] {
  const own = objects.filter(
    ({ kind, apiVersion }) => kind === 'NetworkPolicy' && apiVersion === 'networking.k8s.io/v1',
  )
  const key = ({ metadata: { name, namespace = home } }: KubeObject): string => `${namespace}/${name}`
  const names = new Set(own.map(key))
  return own.length === 0 ? [] : [...own, ...others.filter((one) => !names.has(key(one)))]
}

function isOnHost({ spec }: PodMaker): boolean {
  return (spec as { readonly hostNetwork?: boolean }).hostNetwork === true
}

/** One way for each port. None where it cannot be told which pods, or which of their ports, are behind it. */
function waysTo(
  service: KubeObject,
  port: number | undefined,
  makers: readonly PodMaker[],
  home: string,
): (readonly { readonly maker: PodMaker; readonly goal: Goal }[])[] {
  const { selector } = (service['spec'] ?? {}) as { readonly selector?: Labels }
  if (selector === undefined || Object.keys(selector).length === 0) return []
  const behind = makers.filter(
    (one) => one.namespace === (service.metadata.namespace ?? home) && selects({ matchLabels: selector }, one.labels),
  )
  const wanted = portsOf(service).filter((one) => port === undefined || one.port === port)
  const ways = wanted.map((one) => behind.map((maker) => ({ maker, goal: goalAt(one, maker) })))
  const isClear = behind.length > 0 && ways.flat().every(({ goal }) => goal !== undefined)
  return isClear ? (ways as (readonly { readonly maker: PodMaker; readonly goal: Goal }[])[]) : []
}

function portsOf(service: KubeObject | undefined): readonly ServicePort[] {
  return (service?.['spec'] as { readonly ports?: readonly ServicePort[] } | undefined)?.ports ?? []
}

function goalAt({ port, targetPort = port, protocol = 'TCP' }: ServicePort, { spec }: PodMaker): Goal | undefined {
  const containers = (spec.containers ?? []) as readonly {
    readonly ports?: readonly { readonly name?: string; readonly containerPort?: number; readonly protocol?: string }[]
  }[]
  const known = containers
    .flatMap(({ ports = [] }) => ports)
    .find(
      (one) => (one.protocol ?? 'TCP') === protocol && (one.name === targetPort || one.containerPort === targetPort),
    )
  const number = typeof targetPort === 'number' ? targetPort : known?.containerPort
  return number === undefined ? undefined : { protocol, port: number, portName: known?.name, servicePort: port }
}

/** Undefined: some pod behind it can be reached, or nobody can say. */
function shutOf({ from, ends }: Way, policies: readonly KubeObject[], scene: WallScene): Shut | undefined {
  const end = (maker: PodMaker): End => ({ maker, namespaceLabels: scene.namespaceLabels(maker.namespace) })
  const all = ends.map(({ maker, goal }): Shut | undefined => {
    // Pods that call their own Service speak to their like, or of themselves.
    if (maker === from || isOnHost(maker)) return undefined
    const inner = wallsOf(maker, 'Ingress', policies, scene.home)
    const outer = wallsOf(from, 'Egress', policies, scene.home)
    const [innerFirst] = inner
    const [outerFirst] = outer
    if (innerFirst !== undefined && !letsThrough(inner, 'Ingress', { own: end(maker), other: end(from), goal }))
      return { where: innerFirst, because: `${subject(inner, 'let')} no such pod in to ${nameOf(maker.object)}` }
    if (outerFirst !== undefined && !letsThrough(outer, 'Egress', { own: end(from), other: end(maker), goal }))
      return { where: outerFirst, because: `${subject(outer, 'let')} it out to none of its pods at port ${goal.port}` }
    return undefined
  })
  return all.includes(undefined) ? undefined : all[0]
}

function subject(policies: readonly KubeObject[], verb: string): string {
  return `${policies.map(nameOf).join(' and ')} ${verb}${policies.length === 1 ? 's' : ''}`
}

const DNS: Goal = { protocol: 'UDP', port: 53, portName: undefined, servicePort: 53 }

/** Pods that call Services by name, and may ask nobody for what it stands for. */
function withoutNames(
  mentions: readonly { readonly by: PodMaker }[],
  policies: readonly KubeObject[],
  home: string,
): Remark[] {
  return [...new Set(mentions.map(({ by }) => by))].flatMap((by): Remark[] => {
    const walls = wallsOf(by, 'Egress', policies, home)
    const [first] = walls
    const isAsked = [53, 5353, 8053, 1053].some((port) =>
      letsSome(walls, 'Egress', { ...DNS, port, servicePort: port }),
    )
    if (first === undefined || isAsked) return []
    const text = `${nameOf(by.object)} may not ask for names: ${subject(walls, 'let')} it out to port 53 (UDP) nowhere`
    return [
      { kind: 'doubt', where: nameOf(first), text, show: ['describe', 'networkpolicies'], namespace: by.namespace },
    ]
  })
}

interface Backend {
  readonly service?: { readonly name?: string; readonly port?: { readonly number?: number; readonly name?: string } }
}

/** Ingresses whose pods let nobody in at all: neither the controller, wherever it runs, nor anybody else. */
function shutEntrances({ objects, makers, home }: WallScene, policies: readonly KubeObject[]): Remark[] {
  return objects.flatMap((ingress): Remark[] => {
    const { namespace = home } = ingress.metadata
    return backendsOf(ingress).flatMap(({ name, port: named }): Remark[] => {
      const service = objects.find(
        (one) => one.kind === 'Service' && one.metadata.name === name && (one.metadata.namespace ?? home) === namespace,
      )
      const port = named.number ?? portsOf(service).find((one) => one.name === named.name)?.port
      const [ends = []] = service === undefined || port === undefined ? [] : waysTo(service, port, makers, home)
      const walls = ends.map(({ maker, goal }) => ({ goal, inner: wallsOf(maker, 'Ingress', policies, home) }))
      const [first] = walls
      const isShut = walls.every(({ inner, goal }) => inner.length > 0 && !letsSome(inner, 'Ingress', goal))
      if (first === undefined || !isShut || ends.some(({ maker }) => isOnHost(maker))) return []
      const text = `${nameOf(ingress)} leads to Service/${name}:${port ?? ''}, and ${subject(first.inner, 'let')} nobody in at port ${first.goal.port}`
      return [{ kind: 'doubt', where: nameOf(ingress), text, show: ['describe', 'networkpolicies'], namespace }]
    })
  })
}

function backendsOf({ kind, spec }: KubeObject) {
  if (kind !== 'Ingress') return []
  const { defaultBackend, rules = [] } = (spec ?? {}) as {
    readonly defaultBackend?: Backend
    readonly rules?: readonly { readonly http?: { readonly paths?: readonly { readonly backend?: Backend }[] } }[]
  }
  const all = [defaultBackend, ...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))]
  return all.flatMap((one) => {
    const { name, port } = one?.service ?? {}
    return name === undefined ? [] : [{ name, port: port ?? {} }]
  })
}
