import type { KubeObject } from '../kube.ts'
import { podPath } from '../manifest/references.ts'
import { hasPodTemplate, workloadIs } from '../workload-kinds.ts'
import { listKeys, locate, valueAt } from './field-path.ts'
import type { KeptValue } from './preserved.ts'
import { sharedPart } from './shared-part.ts'

/**
 * What an object had although no manifest said it, and loses by what the wanted one says: going back to a manifest that says
 * nothing of it would not bring it back.
 */
export function unsaid(previous: KubeObject, wanted: KubeObject, live: KubeObject): KeptValue[] {
  return [
    ...count(previous, wanted, live),
    ...noAccount(wanted, live),
    ...podNotes(previous, wanted, live),
    ...addresses(previous, wanted, live),
  ]
}

const COUNT = 'spec.replicas'

/** That only an autoscaler had said: without one in the manifest a workload falls back to one pod. */
function count(previous: KubeObject, wanted: KubeObject, live: KubeObject): KeptValue[] {
  if (!workloadIs(live.kind, 'isScaled') || isStated(previous, COUNT) || !isStated(wanted, COUNT)) return []
  const value = valueAt(live, COUNT)
  return value === undefined || value === 1 ? [] : [{ path: COUNT, value }]
}

/**
 * An account that the new chart gives the pods has to be taken away in words: its deprecated twin `serviceAccount`, which the API
 * server fills in and nobody states, would bring it back (pkg/apis/core/v1/conversion.go, PodSpec).
 */
function noAccount(wanted: KubeObject, live: KubeObject): KeptValue[] {
  const path = podPath(live)
  const isOfPods = live.kind === 'CronJob' || hasPodTemplate(live.kind)
  const account = `${path}.serviceAccountName`
  if (!isOfPods || !isStated(wanted, account) || isStated(live, account)) return []
  return [account, `${path}.serviceAccount`].map((one) => ({ path: one, value: '' }))
}

/** A map that only one side has goes as a whole, with what kubectl had noted in it of a restart. */
function podNotes(previous: KubeObject, wanted: KubeObject, live: KubeObject): KeptValue[] {
  const path = 'spec.template.metadata.annotations'
  if (!hasPodTemplate(live.kind) || isStated(previous, path) === isStated(wanted, path)) return []
  const value = valueAt(live, path)
  return value === undefined ? [] : [{ path, value: sharedPart(value, valueAt(wanted, path), path) }]
}

/** That the cluster gave a Service. It is free for others once the Service is of a type that has none (registry/core/service). */
function addresses(previous: KubeObject, wanted: KubeObject, live: KubeObject): KeptValue[] {
  if (live.kind !== 'Service') return []
  const [before, after] = [typeOf(live), typeOf(wanted)]
  const nodes = NODE_PORTS.has(before) ? nodePorts(live) : []
  const lost = before === after ? nodes.filter((path) => !isKept(path, wanted, live)) : nodes
  const own = after === 'ExternalName' && before !== after ? ['spec.clusterIP', 'spec.clusterIPs'] : []
  const check = before === 'LoadBalancer' && before !== after ? ['spec.healthCheckNodePort'] : []
  return [...lost, ...own, ...check].flatMap((path) => {
    const value = valueAt(live, path)
    return value === undefined || isStated(previous, path) ? [] : [{ path, value }]
  })
}

const NODE_PORTS = new Set(['NodePort', 'LoadBalancer'])

function typeOf(service: KubeObject): string {
  const type = valueAt(service, 'spec.type')
  return typeof type === 'string' ? type : 'ClusterIP'
}

function nodePorts(service: KubeObject): string[] {
  const ports = valueAt(service, 'spec.ports')
  const keys = Array.isArray(ports) ? listKeys('spec.ports', ports) : undefined
  return (keys ?? []).map((key) => `spec.ports[${key}].nodePort`)
}

function isKept(path: string, wanted: KubeObject, live: KubeObject): boolean {
  const hasPort = isStated(wanted, path.replace(/\.nodePort$/u, ''))
  return hasPort && [undefined, valueAt(live, path)].includes(valueAt(wanted, path))
}

function isStated(object: KubeObject, path: string): boolean {
  return locate(object, path) !== undefined
}
