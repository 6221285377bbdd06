import { nameOf, type KindRef, type KubeObject, type ObjectRef } from '../../../src/domain/kube.ts'
import { ForgeError } from '../../../src/errors.ts'
import type { Connection } from '../../../src/flows/phases/ports.ts'
import { kubectl } from '../../../src/hint.ts'
import type { ClusterWriter, ListOptions, Prediction } from '../../../src/ports.ts'
import { storedRelease } from '../../../src/adapters/kubernetes/releases.ts'
import { RESOURCES, type FakeCluster } from './cluster.ts'
import type { Effects } from './effects.ts'
import { effectName } from './effect-name.ts'
import { helmRecords } from './helm-records.ts'
import { watchStore } from './watching.ts'

/** The cluster as one run of forge reaches it. What that run writes is an effect. */
export function connectTo(cluster: FakeCluster, effects: Effects): Connection {
  const { store } = cluster
  const read = async <T>(what: string, signal: AbortSignal, look: () => T): Promise<T> => {
    await effects.alive()
    signal.throwIfAborted()
    if (cluster.forbidden.has(what)) throw refused('E_FORBIDDEN', `you may not ${what}`)
    return look()
  }
  const history = (name: string, namespace: string) => helmRecords(store, name, namespace).map(storedRelease)
  return {
    server: 'https://cluster.test',
    context: 'test',
    named: { context: 'test' },
    version: async (signal) =>
      await read('get version', signal, () => ({ gitVersion: 'v1.36.0', major: 1, minor: 36 })),
    resources: async (signal) => await read('get resources', signal, () => RESOURCES),
    get: async (ref, signal) => await read(`get ${ref.kind}`, signal, () => store.get(ref)),
    list: async (kind, options, signal) =>
      await read(`list ${kind.kind}`, signal, () => store.all().filter((one) => isListed(one, kind, options))),
    rules: async (_namespace, signal) => await read('review rules', signal, () => ({ incomplete: false, rules: ALL })),
    ...writerOf(cluster, effects),
    predict: async (desired, way, signal) =>
      await read(`predict ${desired.kind}`, signal, (): Prediction => {
        return { kind: 'predicted', object: way.mode === 'create' ? desired : store.applied(desired, 'helm') }
      }),
    watch: (kinds, namespace, signal) => watchStore(store, kinds, namespace, signal, effects),
    tail: async (_pod, _options, signal) => await read('get log', signal, () => ['the last line']),
    follow: async function* (_pod, signal) {
      yield* await read('get log', signal, () => ['the first line'])
    },
    ask: async ({ service }, signal) =>
      await read('ask', signal, () => ({ status: cluster.answers.get(service) ?? 200, body: '' })),
    history: async (name, namespace, signal) => await read('list Secret', signal, () => history(name, namespace)),
    revision: async ({ name, namespace }, revision, signal) =>
      await read('get Secret', signal, () => history(name, namespace).find((one) => one.revision === revision)),
  }
}

const ALL = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]

function writerOf({ store, forbidden }: FakeCluster, effects: Effects): ClusterWriter {
  const write = async <T>(verb: string, object: KubeObject, signal: AbortSignal, act: () => T): Promise<T> => {
    signal.throwIfAborted()
    const name = effectName(verb, object, store.get(object))
    return await (name === undefined ? effects.alive().then(act) : effects.perform(name, act))
  }
  const requireNamespace = ({ metadata: { namespace }, kind }: KubeObject, verb: string): void => {
    if (forbidden.has(`${verb} ${kind}`)) throw refused('E_FORBIDDEN', `you may not ${verb} ${kind}`)
    if (namespace === undefined || store.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })) return
    throw refused('E_API_NOT_FOUND', `namespaces "${namespace}" not found`)
  }
  return {
    apply: async (object, signal) =>
      await write('apply', object, signal, () => {
        requireNamespace(object, 'patch')
        return store.apply(object, 'forge')
      }),
    create: async (object, signal) =>
      await write('create', object, signal, () => {
        requireNamespace(object, 'create')
        return store.get(object) === undefined ? store.put(object) : undefined
      }),
    replace: async (object, signal) =>
      await write('replace', object, signal, () => {
        const live = store.get(object)
        return live?.metadata.resourceVersion === object.metadata.resourceVersion ? store.put(object) : undefined
      }),
    delete: async (ref, { uid, resourceVersion }, signal) => {
      const { apiVersion, kind, ...metadata } = ref
      return await write('delete', { apiVersion, kind, metadata }, signal, () => {
        const live = store.get(ref)
        const isMeant =
          (uid ?? live?.metadata.uid) === live?.metadata.uid &&
          (resourceVersion ?? live?.metadata.resourceVersion) === live?.metadata.resourceVersion
        return isMeant && store.remove(ref)
      })
    },
    mark: async (object, { labels, annotations }, signal) => {
      const { metadata } = object
      const next = {
        ...object,
        metadata: {
          ...metadata,
          labels: { ...metadata.labels, ...labels },
          annotations: { ...metadata.annotations, ...annotations },
        },
      }
      return await write('mark', next, signal, () => {
        const live = store.get(object)
        return live?.metadata.resourceVersion === metadata.resourceVersion ? store.put(next) : undefined
      })
    },
    adjust: async () => await Promise.reject(new Error('the fake cluster pauses nothing')),
    scale: async (ref: ObjectRef, replicas, signal) => {
      const live = store.get(ref)
      if (live === undefined) throw refused('E_API_NOT_FOUND', `${nameOf(ref)} not found`)
      const spec = { ...(live['spec'] as object), replicas }
      await write('scale', { ...live, spec }, signal, () => void store.put({ ...live, spec }))
    },
  }
}

function refused(code: 'E_FORBIDDEN' | 'E_API_NOT_FOUND', message: string): ForgeError {
  return new ForgeError(code, message, { hint: kubectl(['auth', 'whoami']) })
}

function isListed(object: KubeObject, kind: KindRef, { namespace, labelSelector = '' }: ListOptions): boolean {
  return (
    object.kind === kind.kind &&
    object.apiVersion === kind.apiVersion &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labelSelector.split(',').every((term) => isSelected(object, term))
  )
}

/** `a=b`; `a`: it exists. */
function isSelected({ metadata: { labels = {} } }: KubeObject, term: string): boolean {
  const [name = '', value] = term.split('=')
  return name === '' || (value === undefined ? Object.hasOwn(labels, name) : labels[name] === value)
}
