import { createServer, type Socket } from 'node:net'
import { isMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'
import { expected } from '../../expected.ts'
import type { CommandEnd, PodPlace, PodStreams } from '../../ports.ts'
import { openChannels, type Channels } from './channels.ts'
import type { Transport } from './transport.ts'

/** Numbers of channels: of a port its data and its errors, of a command its streams. */
const DATA = 0
const ERRORS = 1
const [STDIN, STDOUT, STDERR, STATUS, RESIZE] = [0, 1, 2, 3, 4]

export function podStreams(transport: Transport): PodStreams {
  return {
    listen: async (localPort, to, onFailure, signal) => await listen(transport, { localPort, to, onFailure }, signal),
    execute: async (pod, request, signal) => await execute(transport, { pod, ...request }, signal),
  }
}

type To = Parameters<PodStreams['listen']>[1]

interface Listening {
  readonly localPort: number | undefined
  readonly to: To
  readonly onFailure: (why: Error) => void
}

/** On loopback alone. Each connection is one WebSocket: the protocol has one pair of streams per port. */
async function listen(
  transport: Transport,
  { localPort = 0, to, onFailure }: Listening,
  signal: AbortSignal,
): Promise<number> {
  const server = createServer((local) => {
    local.on('error', () => local.destroy())
    join(transport, local, to, signal).catch((error: unknown) => {
      local.destroy()
      if (!signal.aborted) onFailure(expected(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(localPort, '127.0.0.1', resolve)
  })
  const open = new Set<Socket>()
  server.on('connection', (local) => {
    open.add(local)
    local.once('close', () => open.delete(local))
  })
  signal.addEventListener('abort', () => {
    server.close()
    for (const local of open) local.destroy()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : localPort
}

async function join(transport: Transport, local: Socket, to: To, signal: AbortSignal): Promise<void> {
  local.pause()
  const { pod, port } = await to(signal)
  const channels = await openChannels(transport, {
    path: pathOf(pod, 'portforward'),
    query: [['ports', String(port)]],
    protocols: ['v4.channel.k8s.io'],
    subject: subjectOf(pod, 'portforward'),
    signal,
  })
  local.once('close', () => channels.close())
  const sending = sendAll(local, channels).finally(() => channels.close())
  await receiveAll(local, channels, `${pod.name}, port ${port}`).finally(() => channels.close())
  local.end()
  await sending.catch(expected)
}

async function sendAll(local: Socket, channels: Channels): Promise<void> {
  try {
    for await (const data of local as AsyncIterable<Buffer>) await channels.send(DATA, data)
  } catch (error) {
    // Either end has gone away: what there is to say of it, the other direction says.
    expected(error)
  }
}

async function receiveAll(local: Socket, channels: Channels, what: string): Promise<void> {
  // The first two bytes of each channel are the port's number, in however many messages.
  const left = new Map([DATA, ERRORS].map((channel) => [channel, 2]))
  for await (const [channel, all] of channels.messages()) {
    const skipped = Math.min(left.get(channel) ?? 0, all.length)
    left.set(channel, (left.get(channel) ?? 0) - skipped)
    const data = all.subarray(skipped)
    if (data.length === 0) continue
    if (channel === ERRORS) throw new PortFailure(`${what}: ${data.toString().trim()}`)
    if (!local.write(data)) await new Promise<void>((resolve) => local.once('drain', resolve).once('close', resolve))
  }
}

/** What a kubelet says of a port: nothing listens there. */
class PortFailure extends Error {
  readonly code = 'EPORT'
  readonly syscall = 'portforward'
}

type Execution = { readonly pod: PodPlace } & Parameters<PodStreams['execute']>[1]

async function execute(transport: Transport, request: Execution, signal: AbortSignal): Promise<CommandEnd> {
  const { pod, container, command, tty, stdin, onOutput, sizes } = request
  const flag = (is: boolean): string => (is ? 'true' : 'false')
  const channels = await openChannels(transport, {
    path: pathOf(pod, 'exec'),
    query: [
      ['container', container],
      ...command.map((word) => ['command', word] as const),
      ['stdin', flag(stdin !== undefined)],
      ['stdout', 'true'],
      // A terminal has one output.
      ['stderr', flag(!tty)],
      ['tty', flag(tty)],
    ],
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    subject: subjectOf(pod, 'exec'),
    signal,
  })
  const ignoreEnd = (): void => undefined
  sizes?.((columns, rows) => {
    channels.send(RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows }))).catch(ignoreEnd)
  })
  if (stdin !== undefined) typeInto(stdin, channels).catch(ignoreEnd)
  let end: CommandEnd | undefined
  for await (const [channel, data] of channels.messages()) {
    if (channel === STATUS) end = endOf(data.toString())
    else if (channel === STDOUT || channel === STDERR) await onOutput(channel === STDOUT ? 'stdout' : 'stderr', data)
  }
  signal.throwIfAborted()
  return end ?? { kind: 'cut' }
}

async function typeInto(stdin: AsyncIterable<Uint8Array>, channels: Channels): Promise<void> {
  for await (const data of stdin) await channels.send(STDIN, data)
  await channels.end(STDIN)
}

/** A Status: Success, or Failure with the command's exit code as a cause (client-go, remotecommand/v4.go). */
function endOf(text: string): CommandEnd {
  const status = parseJson(text)
  if (!isMap(status)) return { kind: 'refused', message: text.trim() }
  if (status['status'] === 'Success') return { kind: 'ended', exitStatus: 0 }
  const { causes } = isMap(status['details']) ? status['details'] : {}
  const cause = (Array.isArray(causes) ? causes.filter(isMap) : []).find(({ reason }) => reason === 'ExitCode')
  const exitStatus = Number(cause?.['message'])
  if (cause !== undefined && Number.isInteger(exitStatus)) return { kind: 'ended', exitStatus }
  return { kind: 'refused', message: typeof status['message'] === 'string' ? status['message'] : text }
}

function pathOf({ namespace, name }: PodPlace, part: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/${part}`
}

function subjectOf({ namespace, name }: PodPlace, part: string) {
  return { verb: 'create', resource: `pods/${part}`, namespace, name }
}
