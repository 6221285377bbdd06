/** The narrow interfaces that flows speak to. Every call that can wait takes an AbortSignal. */
import type { AccessRules } from './domain/access/model.ts'
import type { ReleaseRecord } from './domain/helm/model.ts'
import type { ApiResource, KindRef, KubeObject, ObjectRef } from './domain/kube.ts'
import type { ChartText } from './domain/trust/chart.ts'
import type { Allowance } from './domain/trust/model.ts'
import type { SilentWebhook } from './domain/prediction/answer.ts'
import type { ObjectEvent, WatchedKind } from './domain/readiness/model.ts'
import type { ClusterName } from './hint.ts'
import type { VaultAccess, VaultExaminer, VaultSecret, VaultStore } from './vault-port.ts'

export type { AccessRules, ReleaseRecord }
export type {
  Builder,
  BuildContexts,
  BuiltName,
  ImageBuild,
  NodeImages,
  Pullable,
  PullQuestion,
  Registered,
  Registries,
} from './images-port.ts'
export type { ChartRef, Charts, ChartText, Foreseen, Guard, MissingChart, RenderRequest } from './charts-port.ts'
export type { CommandEnd, PodPlace, PodStreams } from './look-port.ts'
import type { ObjectAdjuster } from './pause-port.ts'
import type { ChainReading, KeyReading } from './domain/secrets/certificate.ts'

/** Milliseconds. `now` is wall-clock time for people; `monotonic` never jumps and measures durations. */
export interface Clock {
  now(): number
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  after(ms: number, signal: AbortSignal): Promise<void>
}

/** Files of the project, by path relative to the project's folder (or absolute). */
export interface Files {
  /** The bytes as text (UTF-8), or undefined when there is no such file. Other failures throw ForgeError. */
  read(path: string): Promise<string | undefined>
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** Atomic (temporary file, then rename); makes parent folders; `mode` such as 0o600. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  exists(path: string): Promise<boolean>
  resolve(path: string): string
}

export interface ClusterVersion {
  readonly gitVersion: string
  readonly major: number
  readonly minor: number
}

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Names, labels, uids and generations only: a tenth of the bytes of a full list. */
  readonly metadataOnly?: boolean
}

export interface ClusterReader {
  /** Where the kubeconfig points, for messages. */
  readonly server: string
  readonly context: string
  /** How kubectl and helm are led there. */
  readonly named: ClusterName
  version(signal: AbortSignal): Promise<ClusterVersion>
  /** All served kinds by aggregated discovery: two requests, cached for the adapter's life. */
  resources(signal: AbortSignal): Promise<readonly ApiResource[]>
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>
  list(kind: KindRef, options: ListOptions, signal: AbortSignal): Promise<readonly KubeObject[]>
  /** SelfSubjectRulesReview of a namespace. */
  rules(namespace: string, signal: AbortSignal): Promise<AccessRules>
}

export interface ClusterWriter extends ObjectAdjuster {
  /** Server-side apply as field manager `forge`: only for objects that forge owns (secrets, lease, journal, namespace). */
  apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject>
  /** Undefined when it exists already (409). */
  create(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined>
  /** PUT with the object's own resourceVersion as precondition (`status`: of /status); undefined when it has moved on (409) or is gone (404). */
  replace(object: KubeObject, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject | undefined>
  /** With preconditions; resolves when the API server has accepted (not: when it is gone). False when there was none. */
  delete(
    ref: ObjectRef,
    options: { uid?: string; resourceVersion?: string; propagation?: 'Background' | 'Foreground' | 'Orphan' },
    signal: AbortSignal,
  ): Promise<boolean>
  /**
   * Puts helm's marks of a release on an object of another one, as helm would (a merge patch as manager `helm`), if it still has
   * the uid and the resourceVersion that it is given with; undefined when it has moved on or is gone.
   */
  mark(
    object: KubeObject,
    marks: Pick<KubeObject['metadata'], 'labels' | 'annotations'>,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>
  /** Sets `replicas` through the /scale subresource. */
  scale(ref: ObjectRef, replicas: number, signal: AbortSignal): Promise<void>
}

/** What a dry run of one object's change says the API server would store. */
export type Prediction =
  /** `dropped`: what the API server does not know and leaves out, where helm does not mind (helm 3). */
  | {
      readonly kind: 'predicted'
      readonly object: KubeObject
      readonly dropped?: string
      /** What the API server says beside, such as what Pod Security would refuse of its pods. */
      readonly warnings?: readonly string[]
    }
  | { readonly kind: 'conflict'; readonly conflicts: readonly FieldConflict[]; readonly object: KubeObject | undefined }
  | { readonly kind: 'immutable'; readonly message: string; readonly fields: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly fields: readonly string[] }
  | SilentWebhook
  | { readonly kind: 'not-checked'; readonly why: string }

export interface FieldConflict {
  readonly field: string
  readonly manager: string
}

export interface ClusterPredictor {
  /**
   * `apply`: server-side apply as manager `helm` (releases of helm 4); `patch`: three-way merge, and `create`: a POST, as
   * helm 3 has them.
   */
  predict(
    desired: KubeObject,
    way:
      | { readonly mode: 'apply'; readonly force: boolean }
      | { readonly mode: 'patch'; readonly previous: KubeObject | undefined; readonly live: KubeObject }
      | { readonly mode: 'create' },
    signal: AbortSignal,
  ): Promise<Prediction>
}

export type WatchEvent = ObjectEvent

/** Several events that arrived together. The first batch of a watch holds all that existed (`initial`). */
export interface WatchBatch {
  readonly initial: boolean
  readonly events: readonly WatchEvent[]
  /** Given when it changes: true while the API server cannot be reached, so that nothing new can be known. */
  readonly blind?: boolean
}

export interface ClusterWatcher {
  /**
   * Lists, then watches every kind; resumes by resourceVersion, lists again after 410 (then things that vanished
   * meanwhile are reported `gone`), and notices a silent connection. `initial` comes once, when all kinds are listed.
   * Optional kinds that are not served or may not be read are left out. Objects come without managedFields.
   * Ends when the signal aborts. Throws ForgeError when the API server refuses or stays unreachable for 30 s.
   */
  watch(kinds: readonly WatchedKind[], namespace: string, signal: AbortSignal): AsyncIterable<WatchBatch>
}

export interface PodLogs {
  /** The last lines, of those written within `sinceMs` if it is given; undefined when the container has none to give. */
  tail(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    options: { readonly lines: number; readonly sinceMs?: number | undefined; readonly previous?: boolean },
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>
  /**
   * Lines as they are written, until the container ends; of those that are there already the last `lines` (default: all).
   * `onOpen`: there is a log, if an empty one; it is not called where the container has none to give.
   */
  follow(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    signal: AbortSignal,
    options?: { readonly lines?: number; readonly sinceMs?: number | undefined; readonly onOpen?: () => void },
  ): AsyncIterable<string>
}

export interface ServiceProxy {
  /** GET through the API server's service proxy. */
  ask(
    target: {
      readonly namespace: string
      readonly service: string
      readonly port: number | string
      readonly path: string
    },
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }>
}

export interface Webhooks {
  /** One POST of a JSON document, to no other address than this. Throws ForgeError E_NOTIFY_FAILED, without the address, which is a secret. */
  post(url: string, message: object, signal: AbortSignal): Promise<{ readonly status: number }>
}

export interface ReleaseStore {
  /** Newest first. An empty list: never installed. */
  history(name: string, namespace: string, signal: AbortSignal): Promise<readonly ReleaseRecord[]>
  /** One revision of it, by one read. Undefined: helm keeps none of that number. */
  revision(
    release: { readonly name: string; readonly namespace: string },
    revision: number,
    signal: AbortSignal,
  ): Promise<ReleaseRecord | undefined>
}

/** The sources of values and secrets that are not plain files. */
export interface Sources {
  /** An environment variable of forge's own process. */
  env(name: string): string | undefined
  /** From now on programs that forge starts do not get these variables, but for those of `command` and `decrypt`. */
  withhold(names: readonly string[]): void
  /** What a program prints (exact bytes of stdout). Runs without a shell in `cwd`; throws ForgeError E_SOURCE_COMMAND. */
  command(argv: readonly string[], cwd: string, signal: AbortSignal): Promise<string>
  /** Plain text of a file that sops encrypted (YAML, JSON or dotenv, as the file is). Throws ForgeError E_SOURCE_SOPS. */
  decrypt(file: string, signal: AbortSignal): Promise<string>
  /** All values at a path of Vault; asked for once. Throws ForgeError E_SOURCE_VAULT. */
  vault(path: string, access: VaultAccess, signal: AbortSignal): Promise<VaultSecret>
  /** To read versions there, and to write. Throws ForgeError E_SOURCE_VAULT. */
  vaultStore(access: VaultAccess, signal: AbortSignal): Promise<VaultStore>
  /** For what pods will ask of it. Sends nothing yet. */
  examineVault(access: VaultAccess, signal: AbortSignal): Promise<VaultExaminer>
}

/** What `--untrusted` keeps a checkout within. */
export interface Confinement extends Allowance {
  /**
   * Why a path is not opened: it leads out of the project, is not a regular file, is too large. Undefined: it may be, or is
   * missing. A path elsewhere may be opened where the command line of this run names it.
   */
  readonly fault: (path: string) => Promise<string | undefined>
  /** The same of what is written: what is elsewhere (`--out`, forge's own state) the checkout does not choose. */
  readonly faultWithin: (path: string) => Promise<string | undefined>
  /** The same of all that a chart is made of, links followed; `path` is below the project's folder. */
  readonly faultsBelow: (folder: string) => Promise<readonly { readonly path: string; readonly fault: string }[]>
  /** What helm reads of a chart that has no fault. Undefined: it cannot be read. */
  readonly chartTexts: (chart: string) => Promise<readonly ChartText[] | undefined>
}

/** Reads PEM; judging what was read is the domain's work. */
export interface Certificates {
  chain(pem: string): ChainReading
  /** Does a certificate of the bundle sign one of the chain, or stand in it? False for what cannot be parsed. */
  leadsTo(chain: string, bundle: string): boolean
  key(pem: string): KeyReading
}

export interface CertificatePair {
  /** PEM, the certificate itself first. */
  readonly certificate: string
  readonly key: string
}

/** Makes what `forge secrets generate` writes. The only source of randomness for secrets. */
export interface SecretMaker {
  /** Letters and digits without those that look alike; uniformly distributed. */
  password(length: number): string
  /** Self-signed without an issuer. Valid from `now` (milliseconds) on for `days`. */
  authority(request: {
    readonly name: string
    readonly issuer?: CertificatePair
    readonly now: number
    readonly days: number
  }): Promise<CertificatePair>
  server(request: {
    readonly hosts: readonly string[]
    readonly issuer: CertificatePair
    readonly now: number
    readonly days: number
  }): Promise<CertificatePair>
}

export interface VersionControl {
  /** True when the path is ignored, false when it would be committed, undefined without git or outside a repository. */
  ignores(path: string, signal: AbortSignal): Promise<boolean | undefined>
}

/** Packs text so that much of it fits into a Secret. `pack` gives base64, ready for a Secret's `data`. */
export interface Codec {
  pack(text: string): Promise<string>
  /** Rejects when the text was not packed by `pack`. */
  unpack(packed: string): Promise<string>
}

/** Where evidence of failed deploys is kept on this machine, readable by its owner only. */
export interface EvidenceStore {
  /** A new, empty folder for one deploy; one that is there already is never written to again. */
  open(place: {
    readonly project: string
    readonly environment: string
    readonly deploy: number
  }): Promise<EvidenceFolder>
}

export interface EvidenceFolder {
  /** Absolute. */
  readonly path: string
  /** `name` is relative and may have one folder in it. */
  write(name: string, content: string): Promise<void>
}
