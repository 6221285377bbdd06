/** The embedded control plane as its supervisor describes it (k8s/sandbox/internal/supervisor/state.go). */
export interface SandboxState {
  readonly name: string
  readonly nodes: number
  readonly cpu: string
  readonly memory: string
  /** `instant`, `realistic`, or the absolute path of a file. */
  readonly latency: string
  readonly status: 'starting' | 'running' | 'stopping' | 'crashed'
  readonly pid: number
  /** ISO 8601. */
  readonly startedAt: string
  readonly readyAfterSeconds?: number
  readonly server: string
  /** Absolute path. */
  readonly kubeconfig: string
  /** What the API server says: `v1.37.1`; of one that emulates 1.36 `v1.36.0`, or what was asked for. */
  readonly kubernetes?: string
  /** The version that was asked for, such as `1.36` or `v1.36.3-gke.1`. */
  readonly emulates?: string
  readonly socket: string
  readonly programs: readonly SandboxProgram[] | null
  readonly crash?: SandboxCrash
}

export interface SandboxProgram {
  readonly name: string
  readonly pid: number
  readonly log: string
}

/** The first program that ended without being told to. */
export interface SandboxCrash {
  readonly program: string
  readonly exit: string
  /** ISO 8601. */
  readonly at: string
  readonly log: string
  readonly lines: readonly string[]
}

/** What a user may choose; what is left out is the supervisor's default (3 nodes of 8 CPU and 16Gi, instant, the newest minor). */
export interface SandboxOptions {
  readonly name: string
  readonly nodes?: number | undefined
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  readonly latency?: string | undefined
  /** A minor version, `1.36`, or a whole one as a cluster tells it: `v1.36.3-gke.1`. */
  readonly kubernetes?: string | undefined
}

export interface EnsuredSandbox {
  readonly name: string
  readonly kubeconfigPath: string
  readonly context: string
  /** False: it was running already. */
  readonly started: boolean
  readonly state: SandboxState
  /** The program that it was started from; not known of one that runs already. */
  readonly binary?: SandboxBinary
}

/** The program that is the whole control plane, and where it was found. */
export interface SandboxBinary {
  readonly path: string
  readonly source: 'FORGE_SANDBOX_BIN' | 'package' | 'cache' | 'build'
  /** The package that it was unpacked from: name and version. */
  readonly package?: string
  /** A package that is installed and was not used, because it belongs to another state of the sources. */
  readonly notUsed?: string
}

/** The programs whose logs there are. */
export const SANDBOX_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'simulator',
  'supervisor',
] as const

export type SandboxProgramName = (typeof SANDBOX_PROGRAMS)[number]

/** Those that can be killed and started again while the sandbox runs; a new simulator would play every pod from its start. */
export const RESTARTABLE_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
] as const satisfies readonly SandboxProgramName[]

export type RestartableProgram = (typeof RESTARTABLE_PROGRAMS)[number]

/** The context in the kubeconfig of a sandbox. */
export function contextOf(name: string): string {
  return `forge-sandbox-${name}`
}
