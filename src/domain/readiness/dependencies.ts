import { isMap } from '../config/path.ts'
import type { ObjectRef } from '../kube.ts'
import { podSpecOf, specOf, type ContainerSpec } from './shapes.ts'
import type { ObservedObject, IndexedObjectCache } from './object-cache.ts'
import { workloadIs } from '../workload-kinds.ts'

/** `kubectl wait … job/schema` and the arguments of images that wait for objects (`job schema`). */
const OBJECT = /\b(job|deployment|statefulset|daemonset)s?(?:\.\w+)*[/\s"',]+([a-z](?:[-a-z0-9]*[a-z0-9])?)/gu

/** `wait-for-postgres`: most people call it what it does. */
const WAITS_FOR = /^(?:wait-for|wait-on|await)-([a-z][-a-z0-9]*)$/u

const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  job: ['batch/v1', 'Job'],
  deployment: ['apps/v1', 'Deployment'],
  statefulset: ['apps/v1', 'StatefulSet'],
  daemonset: ['apps/v1', 'DaemonSet'],
}

/** What a container waits for or talks to, as far as its command and environment say: the way there, and the workload. */
export interface Dependency {
  /** The Service through which it is reached; undefined where the workload itself is named. */
  readonly service: ObservedObject | undefined
  readonly workload: ObservedObject
}

/**
 * Kubernetes knows no dependencies between workloads, so names are read: that of the container, and hosts in command, arguments and environment that
 * are Services of the namespace (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/), and behind a
 * Service the workloads whose pods its selector takes.
 */
export function dependenciesOf(pod: ObservedObject, container: string, cache: IndexedObjectCache): Dependency[] {
  const { containers = [], initContainers = [] } = podSpecOf(pod.object)
  const spec = [...initContainers, ...containers].find(({ name }) => name === container)
  if (spec === undefined) return []
  const { namespace } = pod.object.metadata
  const within = namespace === undefined ? {} : { namespace }
  const { hosts, objects } = namesIn(textOf(spec), namespace ?? '')
  const called = WAITS_FOR.exec(container)?.[1]
  const behind = [...new Set([...(called === undefined ? [] : [called]), ...hosts])].flatMap((name) => {
    const service = cache.entry({ apiVersion: 'v1', kind: 'Service', name, ...within })
    return service === undefined ? [] : workloadsBehind(service, cache).map((workload) => ({ service, workload }))
  })
  const named = objects.flatMap((ref) => {
    const workload = cache.entry({ ...ref, ...within })
    return workload === undefined ? [] : [{ service: undefined, workload }]
  })
  return [...behind, ...named]
}

interface Names {
  readonly hosts: ReadonlySet<string>
  readonly objects: readonly Omit<ObjectRef, 'namespace'>[]
}

/** Pods of one template say the same, and are asked at every event: a text is read once. */
const READ = new Map<string, Names>()

function namesIn(text: string, namespace: string): Names {
  const key = `${namespace}\n${text}`
  const known = READ.get(key)
  if (known !== undefined) return known
  const objects = [...text.matchAll(OBJECT)].map(([, word = '', name = '']) => {
    const [apiVersion = '', kind = ''] = KINDS[word] ?? []
    return { apiVersion, kind, name }
  })
  const names = { hosts: hostsIn(text, namespace), objects }
  READ.set(key, names)
  return names
}

function textOf({ command = [], args = [], env = [] }: ContainerSpec): string {
  return [...command, ...args, ...env.flatMap(({ value }) => value ?? [])].join('\n')
}

/** `postgres`, `postgres:5432`, `http://app.prod.svc:8000/`, `/dev/tcp/postgres/5432`: what reads as a host of this namespace. */
export function hostsIn(text: string, namespace: string): Set<string> {
  const words = text.replace(/\/dev\/(?:tcp|udp)\/([^/\s]+)\/\d+/gu, ' $1 ').split(/[\s"'`,;=()|&<>[\]{}]+/u)
  const hosts = words.flatMap((word) => {
    const hasScheme = /^\w[\w+.-]*:\/\//u.test(word)
    const address = word.replace(/^\w[\w+.-]*:\/\//u, '').replace(/^[^/]*@/u, '')
    // Without a scheme, what has a slash is a path of a file.
    if (!hasScheme && address.includes('/')) return []
    const [name = '', zone, ...rest] = (/^[^:/?#]*/u.exec(address)?.[0] ?? '').split('.')
    const isHere = zone === undefined || (zone === namespace && (rest.length === 0 || rest[0] === 'svc'))
    return isHere && /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/u.test(name) ? [name] : []
  })
  return new Set(hosts)
}

/** By the pod template, so that a workload without any pod is found; else by the pods of an operator's resource. */
function workloadsBehind(service: ObservedObject, cache: IndexedObjectCache): ObservedObject[] {
  const { selector } = specOf(service.object)
  if (selector === undefined || Object.keys(selector).length === 0) return []
  const takes = (labels: Readonly<Record<string, string>>): boolean =>
    Object.entries(selector).every(([key, value]) => labels[key] === value)
  const { namespace } = service.object.metadata
  const all = [...cache.all()].filter(({ object }) => object.metadata.namespace === namespace)
  const found = all.filter(({ object }) => workloadIs(object.kind, 'isRolledOut') && takes(templateLabels(object)))
  if (found.length > 0) return found
  const pods = all.filter(({ object }) => object.kind === 'Pod' && takes(object.metadata.labels ?? {}))
  return [...new Set(pods.map((pod) => cache.topOf(pod)))].filter((top) => top.object.kind !== 'Pod')
}

function templateLabels({ spec }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const template = isMap(spec) ? spec['template'] : undefined
  const metadata = isMap(template) ? template['metadata'] : undefined
  const labels = isMap(metadata) ? metadata['labels'] : undefined
  return isMap(labels) ? (labels as Readonly<Record<string, string>>) : {}
}
