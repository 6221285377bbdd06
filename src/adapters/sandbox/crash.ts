import { statfs } from 'node:fs/promises'
import { parseJson } from '../../domain/json.ts'
import type { SandboxCrash } from '../../domain/sandbox/model.ts'
import { ForgeError, type ErrorDetails } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { again, forge, sequence, type Hint } from '../../hint.ts'
import { stateFolder } from '../tools/folders.ts'

const REHEARSAL = /^rehearsal-(\d+-[0-9a-z]+-[0-9a-f]{8})-\d+$/u
const SHOWN_LINES = 8
/** A program that cannot write this much is taken to have ended of it. */
const FULL_BYTES = 64 * 1024

/** Whose it is, where a rehearsal made it (leftover.ts). */
export function rehearsalOwner(name: string): string | undefined {
  return REHEARSAL.exec(name)?.[1]?.replaceAll('-', '.')
}

/** E_SANDBOX_CRASHED, with what the program said last. */
export function crashed(name: string, { program, exit, log, lines }: SandboxCrash): ForgeError {
  return ended(name, `${program} of ${called(name)} crashed: ${reasonIn(lines) ?? exit}`, {
    where: log,
    chain: [called(name), program, exit],
    now: 'its other programs were stopped, its logs are kept',
    log: lines.slice(-SHOWN_LINES).map((line) => said(line) ?? line),
  })
}

/** The same where nobody could write down why: its supervisor was killed, or there is no room. */
export async function endedByItself(name: string, env: NodeJS.ProcessEnv): Promise<ForgeError> {
  const dir = stateFolder(env, 'sandbox', name)
  const room = await unlessItFails(statfs(stateFolder(env, 'sandbox')), () => undefined)
  const isFull = room !== undefined && room.bavail * room.bsize < FULL_BYTES
  const why = isFull
    ? `there is no room left in ${stateFolder(env)}`
    : 'it was killed, or the machine had no memory left'
  return ended(name, `${called(name)} ended by itself: ${why}`, {
    where: dir,
    chain: [called(name), 'supervisor'],
    now: 'its logs are kept',
  })
}

function ended(name: string, message: string, of: Omit<ErrorDetails, 'hint'>): ForgeError {
  if (rehearsalOwner(name) === undefined)
    return new ForgeError('E_SANDBOX_CRASHED', message, { ...of, hint: anew(name) })
  // It is taken down, and its logs with it.
  const now = 'nothing was changed, and the rehearsal has no result'
  return new ForgeError('E_SANDBOX_CRASHED', message, { ...of, where: 'sandbox', now, hint: again() })
}

function anew(name: string): Hint {
  return sequence(forge('sandbox', 'down', ...nameFlag(name)), forge('sandbox', 'up', ...nameFlag(name)))
}

/** E_SANDBOX_START. */
export function notStarted(name: string, reason: string, env: NodeJS.ProcessEnv): ForgeError {
  const isRehearsal = rehearsalOwner(name) !== undefined
  return new ForgeError('E_SANDBOX_START', `${called(name)} did not start: ${reason}`, {
    hint: isRehearsal ? again() : forge('sandbox', 'logs', 'supervisor', ...nameFlag(name)),
    where: isRehearsal ? 'sandbox' : stateFolder(env, 'sandbox', name),
  })
}

/** E_SANDBOX_STUCK. */
export function stuck(name: string, env: NodeJS.ProcessEnv): ForgeError {
  const isRehearsal = rehearsalOwner(name) !== undefined
  return new ForgeError('E_SANDBOX_STUCK', `a process of ${called(name)} still runs, though it was killed`, {
    hint: isRehearsal ? again() : forge('sandbox', 'down', ...nameFlag(name)),
    where: stateFolder(env, 'sandbox', name),
    now: 'its files are left, and the next one that ends it takes them away',
  })
}

/** In a sentence: nobody has chosen the name of one that a rehearsal makes. */
function called(name: string): string {
  return rehearsalOwner(name) === undefined ? `the sandbox ${name}` : 'the sandbox of this rehearsal'
}

export function nameFlag(name: string): string[] {
  return name === 'default' ? [] : ['--name', name]
}

/** What the program itself gives as the reason of its end; undefined: a signal, or nothing that is known. */
export function reasonIn(lines: readonly string[]): string | undefined {
  // Then the Go runtime says less of it once more.
  const logged = lines.findLast((line) => isFatal(parsed(line)))
  if (logged !== undefined) return said(logged)
  const reasons = lines.flatMap((line) => FATAL.flatMap((form) => form.exec(line)?.groups?.['why'] ?? []))
  return reasons.at(-1)
}

/** As the Go runtime says it, then as klog does, then as the commands of Kubernetes do. */
const FATAL = [
  /^(?:panic|fatal error): (?<why>.+)$/u,
  /^F\d{4} [^\]]+\] (?<why>.+)$/u,
  /"command failed" err="(?<why>.+)"$/u,
]

/** Of etcd, which logs in JSON. */
interface Logged {
  readonly level?: unknown
  readonly msg?: unknown
  readonly error?: unknown
}

/** Undefined: a line of another program, or one that is cut in the middle. */
function parsed(line: string): Logged | undefined {
  return line.startsWith('{') ? (parseJson(line) as Logged | undefined) : undefined
}

function isFatal(logged: Logged | undefined): boolean {
  return logged?.level === 'panic' || logged?.level === 'fatal'
}

/** Without where in its source it is from. */
function said(line: string): string | undefined {
  const { msg, error } = parsed(line) ?? {}
  if (typeof msg !== 'string') return undefined
  return typeof error === 'string' ? `${msg}: ${error}` : msg
}
