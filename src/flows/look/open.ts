import { nearest } from '../../domain/config/nearest.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { addressOf, chooseDoor, doorsOf, doorText, type DoorPort } from '../../domain/look/ports.ts'
import { readyPods } from '../../domain/look/ready-pods.ts'
import { expected } from '../../expected.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import type { ClusterReader, ClusterWatcher, PodStreams } from '../../ports.ts'
import { findMembers, type Members } from '../logs/component.ts'
import type { StatusPorts } from '../status/status.ts'
import { requireWithin } from './allowed.ts'
import { noneReady, notReady, type LookScope } from './not-ready.ts'
import { Way } from './way.ts'

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
  const tell = (text: string): void => {
    if (!signal.aborted) note(text)
  }
  const why = async (pods: readonly KubeObject[]): Promise<string> => await noneReady(component, pods, scope, ports)
  const way = new Way(first, door, { note: tell, why })
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
