import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'
import type { PodLogs, ServiceProxy } from '../../ports.ts'
import { refusal, statusOf } from './failures.ts'
import type { Call, Transport } from './transport.ts'

type Container = Parameters<PodLogs['tail']>[0]

/** A follow that broke is resumed this often without a new line before it gives up. */
const MAX_RESUMES = 5

export class Logs implements PodLogs {
  private readonly transport: Transport

  constructor(transport: Transport) {
    this.transport = transport
  }

  async tail(
    pod: Container,
    { lines, previous }: Parameters<PodLogs['tail']>[1],
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const answer = await this.transport.stream(
      { ...callOf(pod, signal), query: { container: pod.container, tailLines: lines, previous } },
      [400, 404],
    )
    if (!answer.ok) return undefined
    const text = await answer.value.text()
    return text === '' ? [] : text.replace(/\n$/u, '').split('\n')
  }

  /** Resumes after a broken connection at the time of the last line; lines of that same instant are not repeated. */
  async *follow(
    pod: Container,
    signal: AbortSignal,
    { lines, onOpen }: NonNullable<Parameters<PodLogs['follow']>[2]> = {},
  ): AsyncIterable<string> {
    let last = ''
    for (let resumes = 0; resumes < MAX_RESUMES; resumes += 1) {
      const query = {
        container: pod.container,
        follow: true,
        timestamps: true,
        ...(last === '' ? { tailLines: lines } : { sinceTime: last }),
      }
      const answer = await this.transport.stream({ ...callOf(pod, signal), query }, [400, 404])
      if (!answer.ok) return
      onOpen?.()
      const resumedAt = last
      try {
        for await (const line of linesOf(answer.value)) {
          const space = line.indexOf(' ')
          const time = line.slice(0, space)
          if (resumedAt !== '' && time <= resumedAt) continue
          last = time
          resumes = 0
          yield line.slice(space + 1)
        }
        return
      } catch (error) {
        signal.throwIfAborted()
        if (resumes === MAX_RESUMES - 1) throw error
        await this.transport.clock.after(200, signal)
      }
    }
  }
}

function callOf({ namespace, name }: Container, signal: AbortSignal): Call {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`
  return { method: 'GET', path, accept: '*/*', subject: { verb: 'get', resource: 'pods/log', namespace, name }, signal }
}

/** Lines of a body as they arrive, without their newline. A last line without newline counts. */
export async function* linesOf(body: Readable): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + decoder.write(chunk as Buffer)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}

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
    if (refused !== undefined && refused.reason !== '') throw refusal(refused, subject)
    return { status, body }
  }
}
