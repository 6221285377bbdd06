/**
 * Every error that a user can fix, by its code. Codes and exit statuses are public (scripts match on them), so neither
 * ever changes its meaning. `about` is what `forge explain CODE` adds to the one sentence of the error itself.
 * Exit statuses: design.md, "Exit status".
 */
const CODES = {
  E_CLUSTER_CREDENTIALS: { exit: 7, about: 'The API server answered, but refused the credentials of the kubeconfig.' },
  E_CLUSTER_IDENTITY: { exit: 3, about: 'The context points at another cluster than forge.yaml names by uid.' },
  E_CLUSTER_UNREACHABLE: { exit: 7, about: 'No API server answered at the address in the kubeconfig.' },
  E_CLUSTER_VERSION: { exit: 3, about: 'forge supports Kubernetes 1.30 and newer.' },
  E_CONFIG_INVALID: { exit: 2, about: 'forge.yaml does not fit its schema; `forge schema` prints it.' },
  E_CONFIG_MISSING: { exit: 2, about: 'forge looks for forge.yaml in the folder of -C, or the current one and its parents.' },
  E_CONFIG_SYNTAX: { exit: 2, about: 'forge.yaml is not YAML.' },
  E_CONTEXT_UNKNOWN: { exit: 2, about: 'The kubeconfig has no context of that name.' },
  E_ENVIRONMENT_REQUIRED: { exit: 2, about: 'A protected environment is never chosen silently.' },
  E_ENVIRONMENT_UNKNOWN: { exit: 2, about: 'forge.yaml has no environment of that name.' },
  E_INTERRUPTED: { exit: 130, about: 'The run was ended by Ctrl-C (130) or by SIGTERM (143).' },
  E_USAGE: { exit: 2, about: 'The command line is wrong; `--help` shows what is right.' },
} as const satisfies Record<string, { exit: number; about: string }>

export type ErrorCode = keyof typeof CODES

export interface ErrorDetails {
  /** A command that the reader can run as it stands. */
  readonly hint: string
  /** The file and line, or the object, that is responsible: `forge.yaml:14:3` or `Deployment/app`. */
  readonly where?: string
  /** The causes, outermost first: `Deployment/app → Pod/app-x → container app`. */
  readonly chain?: readonly string[]
  /** What the environment runs now, in one clause. */
  readonly now?: string
  /** Overrides the code's own exit status (130 or 143; 4 or 5 after a rollback). */
  readonly exit?: number
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

  get hint(): string {
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

/** All codes with what they mean, for `forge explain`. */
export function describeCode(code: string): { exit: number; about: string } | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as ErrorCode] : undefined
}

export const ERROR_CODES = Object.keys(CODES) as ErrorCode[]
