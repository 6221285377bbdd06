import type { LocalCluster } from '../../domain/images/loaders.ts'
import type { Claim } from '../../domain/lease/model.ts'
import type { ClusterTarget } from '../../domain/config/model.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import type { HintPlace } from '../../hint.ts'
import type {
  BuildContexts,
  Builder,
  Charts,
  Clock,
  ClusterPredictor,
  ClusterReader,
  ClusterWatcher,
  ClusterWriter,
  Codec,
  EvidenceStore,
  NodeImages,
  PodLogs,
  Registries,
  ReleaseStore,
  ServiceProxy,
  Webhooks,
} from '../../ports.ts'
import type { ProjectPorts } from '../project/ports.ts'
import type { StepPorts } from '../step.ts'

export type Connection = ClusterReader &
  ClusterWriter &
  ClusterPredictor &
  ClusterWatcher &
  PodLogs &
  ServiceProxy &
  ReleaseStore

/** Who runs forge, for the lease and the journal: `ops@laptop`, process id, command line without secrets. */
export type Runner = Claim

export interface Preparation {
  readonly name: string
  /** Returns what was done, in one line. */
  readonly run: (progress: (text: string) => void) => Promise<string>
}

export interface DeployPorts extends StepPorts {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A second Ctrl-C, or the first where a rollback has no time: everything stays as it is, and the journal says so. */
  readonly leave: AbortSignal
  readonly redactor: Redactor
  readonly here: HintPlace
  readonly project: ProjectPorts
  /** What takes long and is not there yet: a helm to be built, the sandbox to be started. Usually nothing. */
  readonly preparations: (target: ClusterTarget) => Promise<readonly Preparation[]>
  readonly connect: (target: ClusterTarget) => Promise<{ readonly cluster: Connection; readonly charts: Charts }>
  /** Undefined: nobody can be asked (no terminal, --json). */
  readonly ask: ((question: readonly string[]) => Promise<boolean>) | undefined
  /** Lines between the steps: the head of the run, what a protected environment is shown before the question. */
  readonly say: (lines: readonly string[]) => void
  readonly builder: Builder
  readonly contexts: BuildContexts
  readonly registries: Registries
  /** The nodes of a cluster on this machine. */
  readonly nodeImages: (cluster: LocalCluster) => NodeImages
  /** That of this machine, which images are built for unless forge.yaml says other ones: `linux/amd64`. */
  readonly platform: string
  readonly codec: Codec
  readonly evidence: EvidenceStore
  /** For the stack of a bug that evidence has no room for. */
  readonly stacks: EvidenceStore
  readonly runner: Runner
  readonly webhooks: Webhooks
  /** From the system's own generator: for keys. */
  readonly randomBytes: (count: number) => Uint8Array
}
