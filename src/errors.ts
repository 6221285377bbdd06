import { CODES } from './error-codes.ts'
import { forge, program, type Hint } from './hint.ts'

export type ErrorCode = keyof typeof CODES

export interface ErrorDetails {
  readonly hint: Hint
  /** The file and line, or the object, that is responsible: `forge.yaml:14:3` or `Deployment/app`. */
  readonly where?: string
  /** The causes, outermost first: `Deployment/app → Pod/app-x → container app`. */
  readonly chain?: readonly string[]
  /** What the environment runs now, in one clause. */
  readonly now?: string
  /** The last lines of the program or container that failed. */
  readonly log?: readonly string[]
  /** Overrides the code's own exit status (130 or 143; 4 or 5 after a rollback). */
  readonly exit?: number
  /** All that is wrong, where several things are; the message names the first. */
  readonly problems?: readonly { readonly message: string; readonly where?: string; readonly hint?: Hint }[]
  /** The path of the value that a chart's schema rejects: `app.replicas`. */
  readonly value?: string
  /** What may not be done, where it is said beside who and what for: `may not list secrets in prod`. */
  readonly denied?: string
  readonly cause?: unknown
}

/** What a user can fix. Anything else that is thrown is a bug in forge (exit status 1). */
export class ForgeError extends Error {
  override readonly name = 'ForgeError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, { cause: details.cause })
    this.code = code
    this.details = details
  }

  get hint(): Hint {
    return this.details.hint
  }

  get exitStatus(): number {
    return this.details.exit ?? CODES[this.code].exit
  }

  /** The same error, seen from further out: with where it happened, or what was done about it. */
  with(more: Partial<ErrorDetails>): ForgeError {
    return new ForgeError(this.code, this.message, { ...this.details, ...more, cause: this.cause })
  }
}

/** What nobody foresaw, as the error that is told, reported and written down: its stack is the cause's. */
export function bugOf(error: unknown): ForgeError {
  if (error instanceof ForgeError) return error
  const refused = refusedByDisk(error)
  if (refused !== undefined) return refused
  const message = error instanceof Error && error.message !== '' ? error.message : String(error)
  return new ForgeError('E_BUG', message, { hint: forge('--version'), cause: error })
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a part of its path is a file',
}

/** What the system says by a code (`ENOSPC`). */
export function systemReason(code: string): string {
  return REASONS[code] ?? code
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])
const WRITES = /^(?:mkdir|mkdtemp|write|rename|copyfile|symlink|link|f?chmod|fsync|ftruncate)$/u

/** A home, a state or a temporary folder that takes nothing is for a user to mend, wherever forge met it. */
function refusedByDisk(error: unknown): ForgeError | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException
  if (!FULL.has(code) && !WRITES.test(syscall)) return undefined
  const what = path ?? "a file of forge's own"
  return new ForgeError('E_FILE_UNWRITABLE', `${what} cannot be written: ${systemReason(code)}`, {
    hint: path === undefined ? program('df', '-h') : program('ls', '-ld', path),
    where: path ?? 'the home or temporary folder (XDG_STATE_HOME, XDG_CACHE_HOME, TMPDIR)',
    cause: error,
  })
}

/** Where forge broke off, with what led to it. Undefined: a user can fix it. Not redacted. */
export function stackOf(error: ForgeError): string | undefined {
  return error.code === 'E_BUG' ? told(error.cause ?? error.message) : undefined
}

function told(thrown: unknown): string {
  if (!(thrown instanceof Error)) return JSON.stringify(thrown)
  const own = thrown.stack ?? thrown.message
  return thrown.cause === undefined ? own : `${own}\ncaused by ${told(thrown.cause)}`
}

/** All codes with what they mean, for `forge explain`. */
export function describeCode(code: string): { exit: number; about: string } | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as ErrorCode] : undefined
}

export const ERROR_CODES = (Object.keys(CODES) as ErrorCode[]).sort()
