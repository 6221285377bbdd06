import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { mapOf } from './forms.ts'

/** The networks of a sandbox (k8s/sandbox/internal/supervisor/programs.go) and the API server's own range of node ports. */
const SERVICE_NETWORK = /^10\.96\.(?!0\.1$)(?:\d{1,3})\.(?:\d{1,3})$/u
const NODE_PORTS = { from: 30_000, to: 32_767 }

/**
 * Addresses are given anew. One that its manifest states stays, where it is one of the sandbox's network: it could not be changed
 * later. Node ports stay.
 */
export function serviceLike(copy: KubeObject, original: KubeObject): KubeObject {
  const {
    clusterIP,
    clusterIPs: _all,
    ipFamilies,
    ipFamilyPolicy,
    healthCheckNodePort,
    ports,
    ...spec
  } = mapOf(copy['spec'])
  const isHeadless = clusterIP === 'None'
  const families = Array.isArray(ipFamilies) ? ipFamilies : []
  // A sandbox has IPv4 alone; of what has neither address nor selector it does not matter.
  const isFree = isHeadless && spec['selector'] === undefined
  const policy = ipFamilyPolicy === 'RequireDualStack' && !isFree ? 'PreferDualStack' : ipFamilyPolicy
  return {
    ...copy,
    spec: {
      ...spec,
      ...(isHeadless || keepsAddress(original) ? { clusterIP } : {}),
      ...(policy === undefined ? {} : { ipFamilyPolicy: policy }),
      ...(isFree && families.length > 0 ? { ipFamilies } : {}),
      ...(isNodePort(healthCheckNodePort) ? { healthCheckNodePort } : {}),
      ...(Array.isArray(ports) ? { ports: ports.map(portLike) } : {}),
    },
  }
}

/** Whether the address of a Service is stated, and can be had in a sandbox. */
function keepsAddress(service: KubeObject): boolean {
  const { clusterIP } = mapOf(service['spec'])
  return statesAddress(service) && SERVICE_NETWORK.test(String(clusterIP))
}

/** An address of its own, that somebody chose; undefined where the cluster did, or where a sandbox can give it, too. */
export function lostAddress(service: KubeObject): string | undefined {
  const { clusterIP } = mapOf(service['spec'])
  if (service.kind !== 'Service' || typeof clusterIP !== 'string' || clusterIP === 'None') return undefined
  return statesAddress(service) && !keepsAddress(service) ? clusterIP : undefined
}

function statesAddress(service: KubeObject): boolean {
  return isOwned(service, ['spec', 'clusterIP'])
}

/** Somebody who wrote the object stated this field: what the API server chose by itself nobody owns. */
export function isOwned({ metadata: { managedFields = [] } }: KubeObject, path: readonly string[]): boolean {
  return managedFields.some(
    ({ manager, fieldsV1 }) =>
      manager !== 'kube-controller-manager' &&
      path.reduce<unknown>((fields, name) => (isMap(fields) ? fields[`f:${name}`] : undefined), fieldsV1) !== undefined,
  )
}

function portLike(port: unknown): unknown {
  if (!isMap(port) || isNodePort(port['nodePort'])) return port
  const { nodePort: _elsewhere, ...rest } = port
  return rest
}

function isNodePort(port: unknown): boolean {
  return typeof port === 'number' && port >= NODE_PORTS.from && port <= NODE_PORTS.to
}
