import type { PodLogs, ServiceProxy } from '../../ports.ts'
import { refusal, statusOf } from './failures.ts'
import { BoundedLines } from './lines.ts'
import type { Call, Transport } from './transport.ts'

type Container = Parameters<PodLogs['tail']>[0]

/** Of one answer; a log that is followed goes on with the next. `tail` asks for as much as its lines may be expected to need. */
const MOST_BYTES = 64 * 1024 * 1024
const LEAST_BYTES = 1024 * 1024
const LINE_BYTES = 16 * 1024
/** Characters of a line. */
const LONGEST = 1024 * 1024

/** A follow that broke is resumed this often without a new line before it gives up. */
const MAX_RESUMES = 5

export class Logs implements PodLogs {
  private readonly transport: Transport

  constructor(transport: Transport) {
    this.transport = transport
  }

  async tail(
    pod: Container,
    { lines, sinceMs, previous }: Parameters<PodLogs['tail']>[1],
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    // A limit cuts at the end, where the newest lines are (kubelet, ReadLogs): fewer are asked for then.
    for (let wanted = lines; ; wanted = Math.floor(wanted / 4)) {
      const limitBytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, wanted * LINE_BYTES))
      const sinceSeconds = secondsOf(sinceMs)
      const query = { container: pod.container, tailLines: wanted, sinceSeconds, previous, limitBytes }
      const answer = await this.transport.stream({ ...callOf(pod, signal), query }, [400, 404])
      if (!answer.ok) return undefined
      const bounds = { bytes: limitBytes, longest: LONGEST, instead: () => LEFT_OUT }
      const read = new BoundedLines(answer.value, bounds)
      const found = (await read.all()).flatMap(rowsOf)
      if (!read.wasCut) return wanted === lines ? found : [EARLIER, ...found]
      if (wanted <= 1) return [LEFT_OUT]
    }
  }

  /** Resumes after a broken connection, or a full answer, at the time of the last line; lines of that same instant are not repeated. */
  async *follow(
    pod: Container,
    signal: AbortSignal,
    { lines, sinceMs, onOpen }: NonNullable<Parameters<PodLogs['follow']>[2]> = {},
  ): AsyncIterable<string> {
    let last = ''
    let limitBytes = MOST_BYTES
    const begun = this.transport.clock.monotonic()
    for (let resumes = 0; resumes < MAX_RESUMES; resumes += 1) {
      // Still the same moment, however long nothing came.
      const sinceSeconds = secondsOf(sinceMs, this.transport.clock.monotonic() - begun)
      const since = last === '' ? { tailLines: lines, sinceSeconds } : { sinceTime: last }
      const query = { container: pod.container, follow: true, timestamps: true, limitBytes, ...since }
      const answer = await this.transport.stream({ ...callOf(pod, signal), query }, [400, 404])
      if (!answer.ok) return
      onOpen?.()
      const resumedAt = last
      const read = new BoundedLines(answer.value, { bytes: limitBytes, longest: LONGEST, instead: withTime })
      try {
        for await (const line of read) {
          const space = line.indexOf(' ')
          const time = line.slice(0, space)
          if (resumedAt !== '' && time <= resumedAt) continue
          last = time
          resumes = 0
          yield* rowsOf(line.slice(space + 1))
        }
        if (!read.wasCut) return
        // The log goes on: what was cut off comes with the next answer, unless there was nothing new in this one.
        if (last === resumedAt) limitBytes *= 2
        resumes = -1
      } catch (error) {
        signal.throwIfAborted()
        if (resumes === MAX_RESUMES - 1) throw error
        await this.transport.clock.after(200, signal)
      }
    }
  }
}

/** Kubernetes counts whole seconds, and takes none for an error. */
function secondsOf(sinceMs: number | undefined, later = 0): number | undefined {
  return sinceMs === undefined ? undefined : Math.ceil((sinceMs + later) / 1_000)
}

/** A line that wrote over itself (progress, `\r`) is told as the rows that it showed. */
function rowsOf(line: string): string[] {
  return line.replace(/\r+$/u, '').split(/\r+/u)
}

function callOf({ namespace, name }: Container, signal: AbortSignal): Call {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`
  return { method: 'GET', path, accept: '*/*', subject: { verb: 'get', resource: 'pods/log', namespace, name }, signal }
}

/** The line goes whole: the half of a secret at a cut would not be known for one. */
const LEFT_OUT = '(a line of more than 1 MiB is left out)'
const EARLIER = '(lines before these are left out: they are too long)'
const withTime = (start: string): string => `${start.split(' ', 1)[0] ?? ''} ${LEFT_OUT}`

export class Proxy implements ServiceProxy {
  private readonly transport: Transport

  constructor(transport: Transport) {
    this.transport = transport
  }

  /** One attempt; retries belong to whoever knows what the answer should be. */
  async ask(
    { namespace, service, port, path }: Parameters<ServiceProxy['ask']>[0],
    signal: AbortSignal,
  ): Promise<{ status: number; body: string }> {
    const subject = { verb: 'get', resource: 'services/proxy', namespace, name: service }
    const target = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(`${service}:${port}`)}/proxy`
    const { status, headers, body } = await this.transport.raw({
      method: 'GET',
      path: `${target}/${path.replace(/^\//u, '')}`,
      accept: '*/*',
      subject,
      signal,
    })
    // The application's own 401 and 403 are results; the API server's come as a Status.
    const isJson = String(headers['content-type'] ?? '').startsWith('application/json')
    const refused = isJson && (status === 401 || status === 403) ? statusOf(status, body, undefined) : undefined
    if (refused !== undefined && refused.reason !== '') throw refusal(refused, subject, this.transport.access)
    return { status, body }
  }
}
