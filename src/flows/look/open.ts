import { nearest } from '../../domain/config/nearest.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { addressOf, chooseDoor, doorsOf, doorText, portIn, type DoorPort } from '../../domain/look/ports.ts'
import { readyPods } from '../../domain/look/ready-pods.ts'
import { expected } from '../../expected.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import type { ClusterReader, ClusterWatcher, PodPlace, PodStreams } from '../../ports.ts'
import { findMembers, type Members } from '../logs/component.ts'
import type { StatusPorts } from '../status/status.ts'
import { requireWithin } from './allowed.ts'
import { notReady, type LookScope } from './not-ready.ts'

export type OpenScope = LookScope & {
  readonly connected: { readonly cluster: ClusterWatcher & Pick<ClusterReader, 'list' | 'rules' | 'version'> }
}

export interface OpenRequest {
  readonly component: string
  /** A number or a name, of its Service or its containers. */
  readonly port: string | undefined
  readonly localPort: number | undefined
}

export interface OpenListener {
  /** Where it listens: once, and then it does. */
  readonly opened: (address: string, pod: string, port: DoorPort) => void
  /** A pod goes, another one takes over, a connection could not be made: for people. */
  readonly note: (text: string) => void
}

/**
 * `forge open`: a port of this machine that leads to a ready pod of a component until the signal aborts. A watch tells when
 * that pod goes and which one is ready next; connections that come meanwhile wait for it.
 */
export async function openComponent(
  { component, port, localPort }: OpenRequest,
  scope: OpenScope,
  { opened, note }: OpenListener,
  ports: StatusPorts & { readonly streams: PodStreams },
): Promise<void> {
  const { cluster } = scope.connected
  const members = await findMembers(component, scope, ports.signal)
  const [first] = readyPods(members.pods)
  if (first === undefined) throw await notReady(component, members.pods, scope, ports)
  await requireWithin('pods/portforward', first, scope, ports.signal)
  const door = await doorOf(component, port, members, scope, ports.signal)
  const broken = new AbortController()
  const signal = AbortSignal.any([ports.signal, broken.signal])
  const way = new Way(first, door, note)
  const failed = (why: Error): void => {
    // It will be so for every other one, too.
    if (why instanceof ForgeError && why.code === 'E_FORBIDDEN') broken.abort(why)
    else note(why.message)
  }
  const local = await listen(localPort, () =>
    ports.streams.listen(localPort, (asking) => way.to(asking), failed, signal),
  )
  opened(addressOf(door, local), first.metadata.name, door)
  const kinds = members.namespaces.map((namespace) => ({ apiVersion: 'v1', kind: 'Pod', namespace }))
  const known = new Map<string, KubeObject>()
  for await (const { events, initial } of cluster.watch(kinds, scope.namespace, signal)) {
    if (initial) known.clear()
    for (const { type, object } of events.filter((event) => members.isMember(event.object))) {
      if (type === 'set') known.set(keyOf(object), object)
      else known.delete(keyOf(object))
    }
    way.choose([...known.values()])
  }
  if (broken.signal.aborted) throw expected(broken.signal.reason)
}

/** Which pod connections are led to. */
class Way {
  #pod: KubeObject | undefined
  readonly #door: DoorPort
  readonly #note: OpenListener['note']
  #came = Promise.withResolvers<true>()

  constructor(pod: KubeObject, door: DoorPort, note: OpenListener['note']) {
    this.#pod = pod
    this.#door = door
    this.#note = note
  }

  choose(pods: readonly KubeObject[]): void {
    const ready = readyPods(pods)
    const before = this.#pod
    if (before !== undefined && ready.some(({ metadata }) => metadata.uid === before.metadata.uid)) return
    this.#pod = ready[0]
    const next = this.#pod?.metadata.name
    if (before !== undefined) {
      const gone = `${before.metadata.name} ${isThere(before, pods) ? 'is not ready any more' : 'is gone'}`
      this.#note(next === undefined ? `${gone}; waiting for the next pod that is ready` : `${gone}; ${next} goes on`)
    } else if (next !== undefined) this.#note(`${next} goes on`)
    if (next === undefined) return
    this.#came.resolve(true)
    this.#came = Promise.withResolvers()
  }

  async to(signal: AbortSignal): Promise<{ readonly pod: PodPlace; readonly port: number }> {
    while (this.#pod === undefined) await unlessAborted(this.#came.promise, signal)
    const { name, namespace = '' } = this.#pod.metadata
    const port = portIn(this.#pod, this.#door)
    if (port !== undefined) return { pod: { name, namespace }, port }
    throw new ForgeError('E_PORT_UNKNOWN', `${name} has no port ${this.#door.target}`, {
      hint: again('--port', 'http'),
    })
  }
}

function isThere({ metadata }: KubeObject, pods: readonly KubeObject[]): boolean {
  return pods.some((pod) => pod.metadata.uid === metadata.uid && pod.metadata.deletionTimestamp === undefined)
}

async function unlessAborted(promise: Promise<true>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const over = Promise.withResolvers<never>()
  const stop = (): void => over.reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  await Promise.race([promise, over.promise]).finally(() => signal.removeEventListener('abort', stop))
}

async function doorOf(
  component: string,
  wanted: string | undefined,
  { pods, namespaces }: Members,
  { connected: { cluster } }: OpenScope,
  signal: AbortSignal,
): Promise<DoorPort> {
  const lists = namespaces.map(async (namespace) => {
    return await cluster.list({ apiVersion: 'v1', kind: 'Service' }, { namespace }, signal)
  })
  const doors = doorsOf((await Promise.all(lists)).flat(), pods)
  const door = chooseDoor(doors, wanted)
  if (door !== undefined) return door
  const names = doors.map(({ name, number }) => name ?? String(number))
  const all = doors.map(doorText).join(', ')
  const meant = (wanted === undefined ? undefined : nearest(wanted, names)) ?? names[0] ?? '8080'
  throw new ForgeError('E_PORT_UNKNOWN', sentenceFor(component, wanted, all), {
    hint: again('--port', meant),
    where: `component ${component}`,
  })
}

function sentenceFor(component: string, wanted: string | undefined, all: string): string {
  if (all === '') return `neither a Service nor a container of ${component} declares a port`
  return wanted === undefined
    ? `${component} has several ports: ${all}`
    : `${component} has no port ${wanted}; there is ${all}`
}

async function listen(asked: number | undefined, begin: () => Promise<number>): Promise<number> {
  try {
    return await begin()
  } catch (error) {
    const { code } = expected(error) as { readonly code?: string }
    const why = code === 'EADDRINUSE' ? 'another program has it' : (code ?? 'unknown')
    throw new ForgeError('E_PORT_TAKEN', `port ${asked ?? 0} of this machine cannot be listened on: ${why}`, {
      hint: asked === undefined ? forge('open', '--help') : again('--local-port', String(asked + 1)),
      where: '--local-port',
    })
  }
}
