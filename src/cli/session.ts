import { resolve } from 'node:path'
import { projectFolder } from '../adapters/files/project-folder.ts'
import { keepSeen } from '../adapters/files/keep-seen.ts'
import type { Remembered } from '../adapters/files/seen.ts'
import { seenSince, type SeenNow } from '../domain/completion/seen.ts'
import { Events } from '../domain/events/events.ts'
import type { Redactor } from '../domain/redact/redactor.ts'
import { looksSecret } from '../domain/transforms/secret-like.ts'
import { secretsGiven } from '../domain/values/secret-path.ts'
import { settingsOf, setTexts } from '../domain/values/settings.ts'
import { bugOf, ForgeError } from '../errors.ts'
import { again, SET_FLAGS, type HintPlace } from '../hint.ts'
import { writeEvents } from './event-file.ts'
import { writeMetrics } from './metrics-file.ts'
import { openRunLog, type RunLog } from './run-log.ts'
import type { Output } from './output.ts'
import type { UntrustedFlags, UntrustedRun } from './untrusted.ts'
import { fit } from './width.ts'

/** One run of a command: what it is about, how it is stopped, and what must not be shown. */
export interface Session {
  readonly dir: string
  /** True when -C named the folder: then parents are not searched. */
  readonly dirGiven: boolean
  readonly env: string | undefined
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly json: boolean
  /** A person watches stderr: a live tree instead of plain lines. */
  readonly live: boolean
  readonly signal: AbortSignal
  /** Aborts when even the rollback shall not be waited for: everything stays as it is, and the journal says so. */
  readonly leave: AbortSignal
  readonly redactor: Redactor
  readonly output: Output
  /** Told by the flow; heard by the screen, the report and the files of `--events` and `--metrics`. */
  readonly events: Events
  readonly log: RunLog
  /** Set: strangers may have changed the checkout. */
  readonly untrusted: UntrustedRun | undefined
  /** What every hint has to name again; it grows with what is chosen. */
  readonly here: HintPlace
  /** Tells what was chosen meanwhile. */
  reached(chosen: Partial<Pick<HintPlace, 'cluster' | 'helm' | 'given'>>): void
  /** Keeps what a shell completes from then on (`forge completion`). */
  readonly saw: (environment: string, seen: SeenNow) => void
  /** Runs when the command ends, however it ends: connections are closed here. */
  onClose(action: () => Promise<void> | void): void
  close(): Promise<void>
}

export type SessionFlags = {
  readonly env?: string | undefined
  readonly dir?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly namespace?: string | undefined
  readonly project?: string | undefined
  readonly values?: readonly string[] | undefined
  readonly release?: readonly string[] | undefined
  readonly image?: readonly string[] | undefined
  readonly events?: string | undefined
  readonly metrics?: string | undefined
  /** Of `forge secrets` these are names. */
  readonly only?: boolean | readonly string[] | undefined
  readonly verbose?: boolean | undefined
} & { readonly [name in (typeof SET_FLAGS)[number]]?: readonly string[] | undefined } & Partial<UntrustedFlags>

/** What is run, and by what. */
export interface Run {
  readonly command: string
  readonly version: string
  readonly json: boolean
  readonly untrusted: UntrustedRun | undefined
}

export function openSession(flags: SessionFlags, run: Run, output: Output): Session {
  const { json, untrusted } = run
  const { signal, leave, release } = abortOnSignals(process.env['GITHUB_ACTIONS'] === 'true')
  const { redactor } = output
  const here = { ...startingPlace(flags, redactor) }
  for (const setting of settingsOf(setTexts(flags))) for (const text of secretsGiven(setting)) redactor.conceal(text)
  const closers: (() => Promise<void> | void)[] = [release]
  const warn = (text: string): void =>
    void process.stderr.write(`${fit([`warning  ${output.shown(text)}`], process.stderr)}\n`)
  const events = new Events()
  const verbose = flags.verbose === true
  const onClose = (action: () => Promise<void> | void): void => void closers.push(action)
  const log = openRunLog({ ...run, verbose, here, output, events, onClose })
  if (flags.events !== undefined) closers.push(writeEvents(flags.events, events, output.shown, warn))
  if (flags.metrics !== undefined) {
    const begun = { command: run.command.replaceAll(':', ' '), project: '', environment: flags.env ?? '' }
    const { version } = run
    closers.push(writeMetrics(flags.metrics, events, { begun, version, shown: output.shown, warn }))
  }
  return {
    dir: resolve(flags.dir ?? '.'),
    dirGiven: flags.dir !== undefined,
    env: flags.env,
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    json,
    live:
      !json && !verbose && process.stderr.isTTY && process.env['CI'] === undefined && process.env['TERM'] !== 'dumb',
    signal,
    leave,
    redactor,
    output,
    events,
    log,
    untrusted,
    here,
    reached: (chosen) => void Object.assign(here, chosen),
    onClose,
    saw: (environment, seen) => {
      const root = projectFolder(resolve(flags.dir ?? '.'), flags.dir === undefined)
      if (root !== undefined) onClose(async () => await keepSeen(root, withSeen(environment, seen), process.env))
    },
    async close() {
      const closer = closers.pop()
      if (closer === undefined) return
      try {
        await closer()
      } finally {
        await this.close()
      }
    },
  }
}

function withSeen(environment: string, now: SeenNow) {
  return ({ seen = {} }: Remembered): Partial<Remembered> => ({
    seen: { ...seen, [environment]: seenSince(seen[environment] ?? {}, now) },
  })
}

/** The flags that a hint repeats, in this order. */
const PLACED = [
  ...(['dir', 'env', 'kubeconfig', 'context', 'namespace', 'project', 'values', 'release', 'only', 'image'] as const),
  ...SET_FLAGS,
  ...(['untrusted', 'allow-env', 'allow-chart'] as const),
]

/** What is known before anything was looked at. */
export function startingPlace(flags: SessionFlags, redactor: Redactor): HintPlace {
  const given = { ...flags, only: flags.only === true ? true : undefined }
  return {
    typed: process.argv.slice(2),
    given: Object.fromEntries(
      PLACED.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const])),
    ),
    cluster: undefined,
    helm: undefined,
    conceals: (name, value) => looksSecret(name, value) !== undefined || redactor.text(value) !== value,
  }
}

const STATUS = { SIGINT: 130, SIGTERM: 143 } as const
const PLACE = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'a terminal that was closed' } as const

/**
 * The first signal asks the flow to stop, and to roll back if it has begun to write; the second to leave everything as it
 * is. A terminal that is closed counts as a SIGTERM, and never as a second one: its shell and the kernel both tell of it (Node has
 * set back what `nohup` ignores). An exception that nobody awaits stops it the same way, and ends nothing half-way. A job that GitHub cancels has 7.5 s, which is no time for a rollback: there the first one means both.
 */
function abortOnSignals(hasNoTime: boolean): { signal: AbortSignal; leave: AbortSignal; release: () => void } {
  const [first, second] = [new AbortController(), new AbortController()]
  const stop = (name: keyof typeof PLACE): void => {
    const isHangup = name === 'SIGHUP'
    if (isHangup && first.signal.aborted) return
    const reason = new ForgeError('E_INTERRUPTED', `stopped by ${name}`, {
      hint: again(),
      exit: STATUS[isHangup ? 'SIGTERM' : name],
      where: PLACE[name],
    })
    if (first.signal.aborted || hasNoTime) second.abort(reason)
    first.abort(reason)
  }
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, (): void => stop(name)] as const)
  for (const [name, listener] of listeners) process.on(name, listener)
  const broke = (error: unknown): void => {
    process.exitCode ??= 1
    first.abort(bugOf(error))
  }
  process.on('uncaughtException', broke).on('unhandledRejection', broke)
  const release = (): void => {
    process.off('uncaughtException', broke).off('unhandledRejection', broke)
    for (const [name, listener] of listeners) process.off(name, listener)
  }
  return { signal: first.signal, leave: second.signal, release }
}
