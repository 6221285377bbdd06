import type {
  Clock,
  ClusterPredictor,
  ClusterReader,
  ClusterWatcher,
  ClusterWriter,
  PodLogs,
  PodStreams,
  ReleaseStore,
  ServiceProxy,
} from '../../ports.ts'
import { CredentialStore } from './credentials.ts'
import { Discovery } from './discovery.ts'
import { loadAccess, type KubeconfigRequest } from './kubeconfig.ts'
import { Logs, Proxy } from './logs.ts'
import { lookThrough, type Look } from './look.ts'
import { Reader, Writer } from './objects.ts'
import { Predictor } from './predict.ts'
import { Releases } from './releases.ts'
import { routeOf, type Route } from './route.ts'
import { Transport } from './transport.ts'
import { Watcher, type WatchTuning } from './watch.ts'

/** One cluster as one user: all ports share one connection pool and one discovery cache. */
export interface Connection
  extends ClusterReader, ClusterWriter, ClusterPredictor, ClusterWatcher, PodLogs, ServiceProxy, ReleaseStore {
  /** The default namespace of the context, if it names one. */
  readonly namespace: string | undefined
  /** For what goes on in pods. Loaded when it is used. */
  streams(): Promise<PodStreams>
  /** For helm; see routeOf. */
  readonly route: Route | undefined
  /** For what helm looks up. */
  readonly look: Look
  /** Requests sent so far, retries included. */
  requests(): number
  close(): Promise<void>
}

export interface ConnectRequest extends KubeconfigRequest {
  readonly clock: Clock
  readonly watch?: Partial<WatchTuning>
}

/**
 * Chooses the cluster; sends nothing yet. Throws E_KUBECONFIG_MISSING, E_KUBECONFIG_INVALID, E_CONTEXT_UNKNOWN. The ports
 * throw E_CLUSTER_UNREACHABLE, E_CLUSTER_CREDENTIALS, E_FORBIDDEN, E_NAMESPACE_TERMINATING, E_KIND_UNKNOWN and E_API_*.
 */
export async function connectCluster(request: ConnectRequest): Promise<Connection> {
  const access = await loadAccess(request)
  const credentials = new CredentialStore(access, request.clock)
  const transport = new Transport(access, credentials, request.clock)
  return {
    ...portsOf(transport, new Discovery(transport), request.watch),
    namespace: access.namespace,
    route: routeOf(access),
    look: lookThrough(transport),
    streams: async () => (await import('./pod-streams.ts')).podStreams(transport),
    requests: () => transport.requests,
    close: () => credentials.close(),
  }
}

type Ports = Omit<Connection, 'namespace' | 'route' | 'look' | 'streams' | 'requests' | 'close'>

function portsOf(transport: Transport, discovery: Discovery, tuning: Partial<WatchTuning> | undefined): Ports {
  const reader = new Reader(transport, discovery)
  const writer = new Writer(transport, discovery)
  const logs = new Logs(transport)
  return {
    server: reader.server,
    context: reader.context,
    named: reader.named,
    version: (signal) => reader.version(signal),
    resources: (signal) => reader.resources(signal),
    get: (ref, signal) => reader.get(ref, signal),
    list: (kind, options, signal) => reader.list(kind, options, signal),
    rules: (namespace, signal) => reader.rules(namespace, signal),
    apply: (object, signal) => writer.apply(object, signal),
    create: (object, signal) => writer.create(object, signal),
    replace: (object, signal, subresource) => writer.replace(object, signal, subresource),
    mark: (object, marks, signal) => writer.mark(object, marks, signal),
    delete: (ref, options, signal) => writer.delete(ref, options, signal),
    adjust: (object, change, signal, subresource) => writer.adjust(object, change, signal, subresource),
    scale: (ref, replicas, signal) => writer.scale(ref, replicas, signal),
    predict: (desired, way, signal) => new Predictor(transport, discovery).predict(desired, way, signal),
    watch: (kinds, namespace, signal) => new Watcher(transport, discovery, tuning).watch(kinds, namespace, signal),
    tail: (pod, options, signal) => logs.tail(pod, options, signal),
    follow: (pod, signal, options) => logs.follow(pod, signal, options),
    ask: (target, signal) => new Proxy(transport).ask(target, signal),
    history: (name, namespace, signal) => new Releases(transport, discovery).history(name, namespace, signal),
    revision: (release, revision, signal) => new Releases(transport, discovery).revision(release, revision, signal),
  }
}
