import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expected } from '../../expected.ts'

/** How many are kept; what runs still, on top of them. */
const KEPT = 50
/** Of an argument or a selector, in characters. */
const LONGEST = 100
const NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z-[\w-]+-(?<pid>\d+)\.log$/u

export interface LogFile {
  readonly path: string
  /** Written at once: what is killed has its log up to there. After a write that failed (a full disk) the file gets nothing more. */
  readonly write: (text: string) => void
  readonly close: () => void
}

/** A file of its own for a run of `command`, readable for its owner alone; older ones go. Undefined where it cannot be made. */
export function openLogFile(folder: string, command: string, at: Date): LogFile | undefined {
  const name = `${at.toISOString().replace(/[:.]/gu, '-')}-${command.replace(/[^\w]+/gu, '-')}-${process.pid}.log`
  const path = join(folder, name)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    let file: number | undefined = openSync(path, 'wx', 0o600)
    prune(folder)
    const close = (): void => {
      if (file !== undefined) closeSync(file)
      file = undefined
    }
    const write = (text: string): void => {
      if (file === undefined) return
      try {
        writeSync(file, text)
      } catch (error) {
        expected(error)
        close()
      }
    }
    return { path, write, close }
  } catch (error) {
    // A home that is read-only, or not there: nothing hangs on a log.
    expected(error)
    return undefined
  }
}

/** Names begin with the time, so their order is that of the runs. */
function prune(folder: string): void {
  const logs = readdirSync(folder).filter((name) => NAME.test(name))
  for (const name of logs.sort().slice(0, -KEPT))
    if (!runs(Number(NAME.exec(name)?.groups?.['pid']))) rmSync(join(folder, name), { force: true })
}

/** Whoever has that process id. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (expected(error) as NodeJS.ErrnoException).code === 'EPERM'
  }
}

interface Ran {
  readonly file: string
  readonly args: readonly string[]
  /** What became of it: `exit status 0`, `ENOENT`. */
  readonly end: string
  readonly ms: number
}

const programs = channel('forge:program')

/** For whoever listens; arguments hold no secrets (docs/design.md). */
export function tellProgram(ran: Ran): void {
  if (programs.hasSubscribers) programs.publish(ran)
}

/** A request as undici has it, both npm's and that of Node's own `fetch`. */
interface Sent {
  readonly request: { readonly origin?: unknown; readonly path?: unknown; readonly method?: unknown }
  readonly response?: { readonly statusCode: number }
  readonly error?: unknown
}

const nameless = new AsyncLocalStorage<string>()

/** Requests that begin in `work` are told by what they go to alone: their address is a secret, with its path. */
export async function withoutAddress<T>(what: string, work: () => Promise<T>): Promise<T> {
  return await nameless.run(what, work)
}

interface Begun {
  readonly at: number
  /** Instead of its address. */
  readonly what: string | undefined
}

/** A line for each program that ends and each request that is answered, or is not. Until what it returns is called. */
export function hearTraffic(line: (text: string) => void): () => void {
  const begun = new WeakMap<object, Begun>()
  const begin = ({ request }: Sent): void =>
    void begun.set(request, { at: performance.now(), what: nameless.getStore() })
  const said = (how: (sent: Sent) => string) => (message: unknown) => {
    const sent = message as Sent
    const { at = Number.NaN, what } = begun.get(sent.request) ?? {}
    line(`${requestText(sent, what)}: ${how(sent)}, ${milliseconds(performance.now() - at)}`)
  }
  const heard: [string, (message: unknown) => void][] = [
    ['undici:request:create', (message) => begin(message as Sent)],
    ['undici:request:headers', said(({ response }) => String(response?.statusCode))],
    ['undici:request:error', said(({ error }) => errorText(error))],
    ['forge:program', (message) => line(programText(message as Ran))],
  ]
  for (const [name, listener] of heard) subscribe(name, listener)
  return () => heard.forEach(([name, listener]) => unsubscribe(name, listener))
}

/** Of a query what says which objects are asked for, and how: addresses of other servers may have signatures in them. */
const TOLD = ['allowWatchBookmarks', 'dryRun', 'fieldManager', 'fieldSelector', 'force', 'labelSelector', 'watch']

function requestText({ request: { origin, path, method } }: Sent, what: string | undefined): string {
  if (what !== undefined) return `${String(method)} ${what}`
  const url = new URL(String(path), String(origin))
  const query = TOLD.flatMap((name) =>
    url.searchParams.has(name) ? [`${name}=${cut(url.searchParams.get(name) ?? '')}`] : [],
  )
  return `${String(method)} ${url.origin}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

function errorText(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  // A watch ends so: whoever asked has heard enough.
  if (name === 'AbortError' || code === 'UND_ERR_ABORTED') return 'ended by forge'
  return [code, name].find((one) => typeof one === 'string') ?? 'failed'
}

function programText({ file, args, end, ms }: Ran): string {
  return `ran ${[file, ...args.map(cut)].join(' ')}: ${end}, ${milliseconds(ms)}`
}

/** Helm is told all that an API server knows, in one argument. */
function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`
}
