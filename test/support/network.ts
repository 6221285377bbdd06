import { podTemplates, type PodTemplate } from './chart.ts'
import type { LiveObject } from './cluster.ts'

type Labels = Readonly<Record<string, string>>

interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

interface Policy {
  readonly podSelector: Selector
  readonly policyTypes: readonly string[]
  readonly ingress?: readonly {
    readonly from?: readonly {
      readonly podSelector?: Selector
      readonly namespaceSelector?: unknown
      readonly ipBlock?: unknown
    }[]
    readonly ports?: readonly { readonly port: number | string; readonly protocol?: string }[]
  }[]
}

/** What a NetworkPolicy selects and lets in (https://kubernetes.io/docs/concepts/services-networking/network-policies/). */
export class Network {
  readonly pods: readonly PodTemplate[]
  readonly policies: readonly { readonly name: string; readonly spec: Policy }[]
  readonly #services: readonly LiveObject[]

  constructor(objects: readonly LiveObject[]) {
    this.pods = podTemplates(objects)
    this.#services = objects.filter(({ kind }) => kind === 'Service')
    this.policies = objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ metadata, spec }) => ({ name: metadata.name, spec: spec as unknown as Policy }))
  }

  selected({ podSelector }: Policy): PodTemplate[] {
    return this.pods.filter(({ metadata }) => matches(podSelector, metadata.labels))
  }

  /** May a pod of this namespace with these labels reach that port of a pod? */
  letsIn(from: Labels, to: PodTemplate, port: number): boolean {
    const over = this.policies.filter(
      ({ spec }) => spec.policyTypes.includes('Ingress') && matches(spec.podSelector, to.metadata.labels),
    )
    if (over.length === 0) return true
    return over.some(({ spec }) =>
      (spec.ingress ?? []).some(
        ({ from: peers, ports }) =>
          (ports === undefined || ports.some((one) => numberOf(one.port, to) === port)) &&
          (peers === undefined ||
            peers.some(
              ({ podSelector, namespaceSelector, ipBlock }) =>
                podSelector !== undefined &&
                namespaceSelector === undefined &&
                ipBlock === undefined &&
                matches(podSelector, from),
            )),
      ),
    )
  }

  /** The pods behind a port of a Service, with the port of the pod. */
  behind(service: string, port: number): { pod: PodTemplate; port: number }[] {
    const spec = this.#services.find(({ metadata }) => metadata.name === service)?.spec as
      | {
          readonly selector: Labels
          readonly ports: readonly { readonly port: number; readonly targetPort: number | string }[]
        }
      | undefined
    const target = spec?.ports.find((one) => one.port === port)?.targetPort
    if (spec === undefined || target === undefined) return []
    const pods = this.pods.filter(({ metadata }) => matches({ matchLabels: spec.selector }, metadata.labels))
    return pods.map((pod) => ({ pod, port: numberOf(target, pod) }))
  }
}

function numberOf(port: number | string, { spec }: PodTemplate): number {
  if (typeof port === 'number') return port
  const found = spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === port)
  return found?.containerPort ?? Number.NaN
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') throw new Error(`the test does not know the operator ${operator}`)
      return values.includes(labels[key] ?? '')
    })
  )
}
