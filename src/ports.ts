/** The narrow interfaces that flows speak to. Every call that can wait takes an AbortSignal. */
import type { ApiResource, KindRef, KubeObject, ObjectRef } from './domain/kube.ts'

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

export interface AccessRules {
  /** True when the authorizer cannot list its rules (webhooks): then nothing can be concluded from an absent rule. */
  readonly incomplete: boolean
  readonly rules: readonly {
    readonly verbs: readonly string[]
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames?: readonly string[]
  }[]
}

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ClusterReader {
  /** Where the kubeconfig points, for messages. */
  readonly server: string
  readonly context: string
  version(signal: AbortSignal): Promise<ClusterVersion>
  /** All served kinds by aggregated discovery: two requests, cached for the adapter's life. */
  resources(signal: AbortSignal): Promise<readonly ApiResource[]>
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>
  list(kind: KindRef, options: ListOptions, signal: AbortSignal): Promise<readonly KubeObject[]>
  /** SelfSubjectRulesReview of a namespace. */
  rules(namespace: string, signal: AbortSignal): Promise<AccessRules>
}

export interface ClusterWriter {
  /** Server-side apply as field manager `forge`: only for objects that forge owns (secrets, lease, journal, namespace). */
  apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject>
  /** Undefined when it exists already (409). */
  create(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined>
  /** PUT with the object's own metadata.resourceVersion as precondition; undefined when it has moved on (409) or is gone (404). */
  replace(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined>
  /** With preconditions; resolves when the API server has accepted (not: when it is gone). False when there was none. */
  delete(
    ref: ObjectRef,
    options: { uid?: string; resourceVersion?: string; propagation?: 'Background' | 'Foreground' | 'Orphan' },
    signal: AbortSignal,
  ): Promise<boolean>
  /** Sets `replicas` through the /scale subresource. */
  scale(ref: ObjectRef, replicas: number, signal: AbortSignal): Promise<void>
}

/** What a dry run of one object's change says the API server would store. */
export type Prediction =
  | { readonly kind: 'predicted'; readonly object: KubeObject }
  | { readonly kind: 'conflict'; readonly conflicts: readonly FieldConflict[]; readonly object: KubeObject | undefined }
  | { readonly kind: 'immutable'; readonly message: string; readonly fields: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly fields: readonly string[] }
  | { readonly kind: 'not-checked'; readonly why: string }

export interface FieldConflict {
  readonly field: string
  readonly manager: string
}

export interface ClusterPredictor {
  /** `apply`: server-side apply as manager `helm` (releases of helm 4); `patch`: three-way merge as helm 3 does it. */
  predict(
    desired: KubeObject,
    way: { readonly mode: 'apply'; readonly force: boolean } | { readonly mode: 'patch'; readonly previous: KubeObject | undefined; readonly live: KubeObject },
    signal: AbortSignal,
  ): Promise<Prediction>
}

export type WatchEvent =
  | { readonly type: 'set'; readonly object: KubeObject }
  | { readonly type: 'gone'; readonly object: KubeObject }

/** Several events that arrived together. The first batch of a watch holds all that existed (`initial`). */
export interface WatchBatch {
  readonly initial: boolean
  readonly events: readonly WatchEvent[]
}

export interface ClusterWatcher {
  /**
   * Lists, then watches every kind; resumes by resourceVersion, lists again after 410 (then things that vanished
   * meanwhile are reported `gone`), and notices a silent connection. `initial` comes once, when all kinds are listed.
   * Ends when the signal aborts. Throws ForgeError when the API server refuses or stays unreachable for 30 s.
   */
  watch(kinds: readonly KindRef[], namespace: string, signal: AbortSignal): AsyncIterable<WatchBatch>
}

export interface PodLogs {
  /** The last lines; undefined when the container has none to give. */
  tail(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    options: { readonly lines: number; readonly previous?: boolean },
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>
  /** Lines as they are written, until the container ends. */
  follow(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    signal: AbortSignal,
  ): AsyncIterable<string>
}

export interface ServiceProxy {
  /** GET through the API server's service proxy. */
  get(
    target: { readonly namespace: string; readonly service: string; readonly port: number | string; readonly path: string },
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }>
}

/** A release as Helm's own record (a Secret) tells it. `manifest` is what helm applied, hooks excluded. */
export interface ReleaseRecord {
  readonly name: string
  readonly revision: number
  readonly status: string
  readonly description: string
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string }
  readonly manifest: string
  readonly hooks: readonly { readonly name: string; readonly kind: string; readonly manifest: string; readonly events: readonly string[] }[]
  readonly config: Readonly<Record<string, unknown>>
  /** `apply` for releases that helm 4 installs with server-side apply, `patch` for helm 3's. */
  readonly applyMethod: 'apply' | 'patch'
  readonly bytes: number
}

export interface ReleaseStore {
  /** Newest first. An empty list: never installed. */
  history(name: string, namespace: string, signal: AbortSignal): Promise<readonly ReleaseRecord[]>
}

export interface ChartRef {
  /** A folder, an OCI reference, or a chart name with `repository`. */
  readonly chart: string
  readonly repository?: string
  readonly version?: string
}

export interface RenderRequest {
  readonly release: string
  readonly namespace: string
  readonly chart: ChartRef
  readonly values: Readonly<Record<string, unknown>>
  readonly isUpgrade: boolean
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
}

export interface Charts {
  /** Of helm: `4.3.1`. */
  readonly version: string
  readonly major: number
  /** `helm template`: no cluster needed. Throws ForgeError with helm's own reason, value path included. */
  render(request: RenderRequest, signal: AbortSignal): Promise<string>
  /** Default values of a chart (`helm show values`), parsed by the caller. */
  defaults(chart: ChartRef, signal: AbortSignal): Promise<string>
  upgrade(
    request: RenderRequest & { readonly forceConflicts: boolean; readonly createNamespace: boolean; readonly timeoutSeconds: number },
    hooks: { readonly onLine: (line: string) => void },
    signal: AbortSignal,
  ): Promise<void>
  /** Never signalled (design.md, facts about helm). */
  rollback(request: {
    readonly release: string
    readonly namespace: string
    readonly revision: number
    readonly forceConflicts: boolean
    readonly timeoutSeconds: number
  }): Promise<void>
}
