import type { ClusterTarget, Project, Release } from '../../domain/config/model.ts'
import type { Choice } from '../../domain/config/select.ts'
import type { AccessRules } from '../../domain/access/model.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { ApiResource, KubeObject } from '../../domain/kube.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { Remark } from '../../domain/readiness/remark.ts'
import type { Left, ObjectPlan, Restart } from '../../domain/plan/model.ts'
import type { Back } from '../../domain/plan/back.ts'
import type { PlannedDefinition } from '../../domain/plan/document.ts'
import type { KeptValue, Preserved } from '../../domain/plan/preserved.ts'
import type { SavedPlan } from '../../domain/plan/saved.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import type { Awaited } from '../../domain/secrets/awaited.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import type { StageTargets } from '../../domain/stages/stages.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import type {
  Builder,
  Charts,
  Clock,
  ClusterPredictor,
  ClusterReader,
  ClusterVersion,
  ClusterWatcher,
  ClusterWriter,
  Codec,
  EvidenceStore,
  PodLogs,
  ReleaseStore,
  ServiceProxy,
} from '../../ports.ts'
import type { SetTexts } from '../../hint.ts'
import type { CameMark, JournalEntry, JournalRelease } from '../../domain/journal/model.ts'
import type { OutdatedRecord } from './outdated-records.ts'
import type { SchemaVersion } from '../../domain/journal/schema.ts'
import type { Follower } from '../follow.ts'
import type { AtRisk } from '../plan/losses-back.ts'
import type { Losses } from '../plan/losses.ts'
import type { HashKey, MissingObject } from '../plan/restart-marks.ts'
import type { Journal } from '../state/journal.ts'
import type { HeldLease } from '../state/lease.ts'
import type { Hidden } from './hidden.ts'
import type { LeftOut } from './left-out.ts'
import type { ProjectPorts } from '../project/ports.ts'
import type { StageLogs } from './stage-logs.ts'
import type { StepContext, StepPorts } from '../steps/step.ts'
import type { Hint, HintPlace } from '../../hint.ts'

export type Connection = ClusterReader &
  ClusterWriter &
  ClusterPredictor &
  ClusterWatcher &
  PodLogs &
  ServiceProxy &
  ReleaseStore

/** Who runs forge, for the lease and the journal: `ops@laptop`, process id, command line without secrets. */
export interface Runner {
  readonly identity: string
  readonly pid: number
  readonly command: string
}

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
  readonly codec: Codec
  readonly evidence: EvidenceStore
  /** For the stack of a bug that evidence has no room for. */
  readonly stacks: EvidenceStore
  readonly runner: Runner
  /** From the system's own generator: for keys. */
  readonly randomBytes: (count: number) => Uint8Array
}

export interface DeployOptions extends SetTexts, Choice {
  readonly dir: string
  readonly dirGiven: boolean
  readonly env: string | undefined
  readonly values: readonly string[]
  readonly yes: boolean
  readonly timeoutMs: number | undefined
  /** How long a living holder of the lock is waited for. Undefined: not at all. */
  readonly waitForLockMs?: number | undefined
  readonly skipBuild: boolean
  readonly skipVerify: boolean
  readonly rollback: boolean
  /** `forge plan`: what may not be read is noted, not refused. */
  readonly planOnly?: boolean
  /** `forge uninstall` */
  readonly removes?: boolean
  /** `--adopt`: releases that somebody else made are taken over. */
  readonly adopt?: boolean
  /** What somebody else changed is overwritten this once, whatever the drift policy says. */
  readonly overwriteDrift?: boolean
  /**
   * `forge secrets apply --restart` and `rotate`: of these secrets (undefined: all) what changed is written, and each
   * release is upgraded to what it is already, with nothing but the secrets' new revisions in its pod templates.
   */
  readonly secretsOnly?: {
    readonly names: readonly string[] | undefined
    readonly command: string
    /** `--overwrite-drift`: of secrets alone, what the releases have drifted from stays. */
    readonly overwrite?: boolean
  }
  /** `--accept-data-loss`: code may run on a schema that it cannot read. */
  readonly acceptDataLoss?: boolean
  /** The command that does the same again, where it is not what was typed. */
  readonly again?: Hint
  /** Names of objects whose data may be deleted. */
  readonly confirm?: readonly string[]
  /** `--plan FILE`: exactly that is done, or nothing. */
  readonly saved?: SavedPlan
}

export interface NamespaceFacts {
  readonly name: string
  /** Undefined: it is not there, or forge may not see it. */
  readonly object: KubeObject | undefined
  readonly rules: AccessRules
}

export interface ClusterFacts {
  readonly version: ClusterVersion
  readonly resources: readonly ApiResource[]
  /** The environment's first, then those in which other releases live. */
  readonly namespaces: readonly [NamespaceFacts, ...NamespaceFacts[]]
  /** Undefined: forge may not see them. */
  readonly nodes: readonly KubeObject[] | undefined
}

/** One release on its way: what it was, what it shall be, and what that changes. */
export interface ReleaseWork {
  readonly release: Release
  readonly history: readonly ReleaseRecord[]
  /** The revision that a rollback goes back to; undefined: it was never deployed. */
  readonly before: ReleaseRecord | undefined
  configuration: ReleaseConfiguration
  /** What is handed to helm: the configuration with image references and secret revisions. */
  values: Readonly<Record<string, unknown>>
  manifest: string
  rendered: readonly Rendered[]
  previous: readonly Rendered[]
  plans: readonly ObjectPlan[]
  /** How helm will write its objects: as manager `helm` with server-side apply, or with its three-way patch. */
  readonly way: 'apply' | 'patch'
  recordBytes: number
  /** `forge rollback`: the revision that it goes back to. */
  readonly target?: ReleaseRecord
  /** Records that helm can read only once they were rewritten. */
  readonly outdated?: readonly OutdatedRecord[]
  /** Says what keeps the record of `before` from being read, or a part of it: then that is unknown. */
  readonly unread?: string | undefined
  /** Helm, left to render by itself a moment later, might write something else than what was planned. */
  varies: boolean
  /** Objects that the chart renders differently each time, and where in it; known where it was rendered twice. */
  volatile: readonly { readonly object: string; readonly at: string | undefined }[]
  /** The manifest that helm is given instead of rendering its own. Undefined: helm renders. */
  frozen: string | undefined
  /** Marks that say less than what the pods began with; those of a deploy before this one that still hold among them. */
  came: readonly CameMark[]
  /** Consumed objects without which pods do not start, and that are not there yet. */
  missing: readonly MissingObject[]
  /** Annotations of pod templates that forge adds to the chart's own, by the workload's key. */
  marks: ReadonlyMap<string, readonly KeptValue[]>
  /** Set when helm was run for it in this deploy. */
  upgraded: boolean
  revisionAfter: number | undefined
  /** `helm rollback` has ended well for it, after this deploy had failed. */
  takenBack?: true
  /** After a failure: whether what this deploy made of it stays, or what ran before runs. */
  left?: JournalRelease['left']
  /** Its Jobs have ended well: the database has the schema of this release, whatever is rolled back. */
  migrated?: boolean
}

export type Outcome =
  'deployed' | 'unchanged' | 'planned' | 'rolled-back' | 'restored' | 'failed' | 'refused' | 'interrupted'

export interface HeardLine {
  readonly container: string
  readonly text: string
}

export interface Heard {
  /** By pod: a chart may delete a hook as soon as it has failed, and a Job's TTL the Job. Redacted. */
  readonly jobs: Map<string, HeardLine[]>
  /** By release. */
  readonly helm: Map<string, string[]>
}

/** What the steps have found so far. Each field is set by the step whose name stands beside it. */
export interface DeployContext extends StepContext {
  readonly project: Project
  readonly options: DeployOptions
  /** Before the steps */
  cluster: Connection
  charts: Charts
  previous: JournalEntry | undefined
  /** Undefined: it may not be read (`forge plan`). */
  journal: Pick<Journal, 'entries' | 'others'> | undefined
  /** `forge plan`: why it is not known what runs. */
  unknown?: string
  /** The deploy that runs, ready or not; `previous` may have been taken back. */
  liveEntry: JournalEntry | undefined
  /** All that the journal keeps, newest first. */
  deploys: readonly JournalEntry[]
  /** After a failure that was taken back: the deploy that runs now. */
  brought?: number | undefined
  /** `forge rollback`: the deploy that it goes back to. */
  target: JournalEntry | undefined
  /** The schema that each release's database has by now, as far as the journal knows. */
  databases: ReadonlyMap<string, SchemaVersion>
  /** One that still runs, or that was left as it was: to be put right first. */
  interrupted: JournalEntry | undefined
  /** `--wait-for-lock`: held from the beginning, so that nothing planned can be stale when it is carried out. */
  lease: HeldLease | undefined
  /** Of the deploy before this one, until the upgrade takes the next. */
  number: number
  /** 1 prerequisites */
  facts: ClusterFacts
  works: ReleaseWork[]
  /** What the project runs beside them, and this run leaves as it is. */
  leftOut: readonly LeftOut[]
  /** 2 images: references by image name. */
  images: ReadonlyMap<string, string>
  imageNotes: readonly { readonly name: string; readonly ref: string | null; readonly what: string }[]
  /** 3 secrets */
  secretPlans: readonly SecretPlan[]
  /** 5 preview: live objects by key, as they were before anything was written. */
  live: ReadonlyMap<string, KubeObject>
  /** 1 prerequisites: releases that are taken over from somebody else. */
  adopted: readonly string[]
  /** What pods need of Secrets that something else makes: waited for (`grace.missing`). */
  awaited: readonly Awaited[]
  /** Definitions of crds/ that helm leaves as they are, though the chart states them otherwise. */
  leftDefinitions: readonly PlannedDefinition[]
  restarts: readonly Restart[]
  /** Pods that a changed template does not reach. */
  left: readonly Left[]
  /** Read when a Secret of somebody else is consumed; undefined inside: it may not be read. */
  hashKey: Promise<HashKey | undefined> | undefined
  /** What Secrets held before, once a log of a pod that may still have it is shown. */
  keptSecrets: Promise<void> | undefined
  stages: readonly StageTargets[]
  unchanged: boolean
  /** Whether the present state can be brought back afterwards. */
  back: Back | undefined
  warnings: string[]
  /** What could not be looked at, and why. */
  notChecked: string[]
  /** Kinds that may not be read, as `apiVersion/kind`. */
  unreadable: Set<string>
  hidden: Hidden
  /** Workloads that cannot be watched, each in a sentence. */
  unseen: readonly string[]
  losses: Losses
  atRisk: readonly AtRisk[]
  preserved: (object: KubeObject) => readonly Preserved[]
  /** 6 upgrade: the definitions that were written, with what they were before. */
  readonly definitions: { readonly object: KubeObject; readonly before: KubeObject | undefined }[]
  follower: Follower | undefined
  /** What was written down while helm ran, and would be lost with it: the logs of Jobs, helm's own words. */
  readonly heard: Heard
  /** Those of the stages, from their first line on: a Job may be over, and gone, before its stage begins. */
  stageLogs: StageLogs | undefined
  /** After the last stage: what a person has to know of workloads that are ready. */
  remarks: readonly Remark[]
}
