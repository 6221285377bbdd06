import { nameOf, type KubeObject } from '../kube.ts'
import type { Remark } from './model.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class'

/** Ingresses of the render that no controller serves. `classes` undefined: they may not be listed. */
export function unservedIngresses(
  objects: readonly KubeObject[],
  classes: readonly KubeObject[] | undefined,
): Remark[] {
  const ingresses = objects.filter(({ kind }) => kind === 'Ingress')
  if (ingresses.length === 0) return []
  if (classes === undefined)
    return [{ kind: 'unknown', text: 'IngressClasses of the Ingresses: you may not list ingressclasses' }]
  // A chart may bring the class of its Ingresses.
  const known = [...classes, ...objects.filter(({ kind }) => kind === 'IngressClass')]
  const names = known.map(({ metadata }) => metadata.name)
  const hasDefault = known.some(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
  const wrong = ingresses.flatMap((object): Remark[] => {
    const { ingressClassName: wanted } = (object['spec'] ?? {}) as { readonly ingressClassName?: string }
    const name = nameOf(object)
    const base = { kind: 'doubt', where: name, show: ['get', 'ingressclasses'] } as const
    // Of the old annotation a controller may know names that are no IngressClass.
    if (wanted === undefined && object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined)
      return [{ kind: 'unknown', where: name, text: `${name} names its controller by ${CLASS_ANNOTATION}` }]
    if (wanted === undefined && hasDefault) return []
    if (wanted === undefined)
      return [{ ...base, text: `${name} names no IngressClass, and the cluster has no default one: nothing serves it` }]
    if (names.includes(wanted)) return []
    const there = names.length === 0 ? 'the cluster has none' : `the cluster has ${names.join(', ')}`
    return [{ ...base, text: `${name} wants IngressClass ${wanted}, and ${there}: nothing serves it` }]
  })
  return wrong.length > 0 ? wrong : [{ kind: 'well', text: 'each Ingress has its IngressClass' }]
}

/** Whether anything gives the Services of the render their outer address. `services`: all of the cluster. */
export function unservedBalancers(
  objects: readonly KubeObject[],
  services: readonly KubeObject[] | undefined,
): Remark[] {
  const wanted = objects.filter(isBalancer)
  const [first] = wanted
  if (first === undefined) return []
  const name = nameOf(first)
  if (services === undefined)
    return [{ kind: 'unknown', text: `whether ${name} (LoadBalancer) gets an address: you may not list all services` }]
  const there = services.filter(isBalancer)
  const served = there.find(hasAddress)
  if (served !== undefined) return [{ kind: 'well', text: `LoadBalancers get addresses (${nameOf(served)} has one)` }]
  if (there.length === 0)
    return [
      { kind: 'unknown', text: `whether ${name} (LoadBalancer) gets an address: the cluster has no other to tell by` },
    ]
  const text = `${name} is a LoadBalancer, and none of the cluster's has an address: nothing seems to give any`
  return [{ kind: 'doubt', where: name, text, show: ['get', 'services', '--all-namespaces'] }]
}

function isBalancer({ kind, spec }: KubeObject): boolean {
  return kind === 'Service' && (spec as { type?: string } | undefined)?.type === 'LoadBalancer'
}

function hasAddress({ status }: KubeObject): boolean {
  const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: readonly unknown[] } }
  return (loadBalancer?.ingress ?? []).length > 0
}
