/** A project as forge.yaml describes it for one environment: overlay applied, defaults filled in, sources typed. */
import type { SetTexts } from '../../hint.ts'
import type { GitopsTool } from '../gitops.ts'
import type { Loader } from '../images/loaders.ts'
import type { StageRules } from '../readiness/model.ts'
import type { NotifyEvent } from '../notify/notice.ts'
import type { Source } from '../sources/sources.ts'
import type { BackupSpec } from './backup.ts'
import type { Requirements } from './requirements.ts'
import type { Component } from './component.ts'
import type { Position, Problem } from './position.ts'
import type { Selection } from './select.ts'
import type { VaultSettings } from './vault.ts'
import type { ValuePath } from './value-path.ts'

export interface Project {
  /** Absolute path of forge.yaml, and of its folder. All other paths below are relative to `dir` or absolute, as written. */
  readonly file: string
  readonly dir: string
  readonly name: string
  readonly environment: Environment
  /** In the order of `needs`: a release comes after all that it needs. */
  readonly releases: readonly Release[]
  /** `--release`: what was chosen of several, and what was left out. */
  readonly selection?: Selection
  readonly images: readonly Image[]
  readonly secrets: readonly SecretSpec[]
  /** Those whose values live in Vault, and not in a Kubernetes Secret. Absent: none. */
  readonly vaultSecrets?: readonly VaultSecretSpec[]
  /** In order. Empty: wait for every workload that the charts render. */
  readonly stages: readonly Stage[]
  /** `--timeout`, for the stage that stands where forge.yaml names none. */
  readonly limitMs?: number
  readonly verify: readonly Check[]
  readonly requirements: Requirements
  /** Made before a Job that migrates. Absent: none. */
  readonly backups?: readonly BackupSpec[]
  /** Who is told how a deploy ended. Absent: nobody. */
  readonly notify?: readonly Notice[]
  /** Where Vault is; absent: only the environment of the process says it. */
  readonly vault?: VaultSettings
  /** What people call a part of the stack. */
  readonly components: readonly Component[]
  /** `--values` and `--set` of the command line: the last two layers of the values of every release, or of those selected. */
  readonly overrides: Overrides
}

export type Overrides = SetTexts & {
  /** Paths, relative to the folder that forge was started in (made absolute by loadProject). */
  readonly values: readonly string[]
}

export interface Environment {
  readonly name: string
  readonly protected: boolean
  readonly cluster: ClusterTarget
  readonly namespace: string
  readonly drift: DriftPolicy
  /** What becomes of images that a registry does not give to the nodes: refused, unless said. */
  readonly pullCheck?: 'warn' | 'skip'
  readonly managedBy?: GitopsTool
  /** Whose images are deployed here, where nobody says which. */
  readonly promotes?: string
  readonly at: Position
}

/** Without `context` the kubeconfig's current one is meant. `uid`: of the namespace kube-system. */
export type ClusterTarget =
  | { readonly sandbox: true; readonly name?: string }
  | {
      readonly sandbox: false
      readonly context?: string
      readonly uid?: string
      /** Images go from this machine to its nodes, and to no registry. */
      readonly load?: Loader
    }

export interface DriftPolicy {
  /** What happens to fields that somebody else changed and that `preserve` does not name. */
  /** `report`: refused, `refuse` in forge.yaml. */
  readonly policy: 'report' | 'overwrite'
  readonly preserve: readonly PreservedField[]
}

export interface PreservedField {
  readonly kind: string
  readonly name: string
  /** `spec.replicas` */
  readonly field: string
  readonly at: Position
}

/** `create`: as helm does, in a first install those that are missing. `update`: forge brings them up to date before helm runs. */
export type CrdPolicy = 'create' | 'update' | 'skip'

export interface Release {
  readonly name: string
  /** `chart` is an absolute path (a folder, a packed chart) when it is a local chart, else an OCI reference or a name in `repository`. */
  readonly chart: ResolvedChart
  readonly namespace: string
  /** Labels of that namespace, where forge makes it. */
  readonly namespaceLabels?: { readonly labels: Readonly<Record<string, string>>; readonly at: Position }
  /** forge.yaml's values files, then the environment's; the last one wins. */
  readonly values: readonly ValuesFile[]
  readonly set: readonly SetValue[]
  /** What becomes of the definitions in the chart's crds/. */
  readonly crds: CrdPolicy
  readonly needs: readonly string[]
  readonly schema?: { readonly version: number; readonly oldestReader: number }
  readonly configMaps: readonly ConfigMapSpec[]
  /** What its chart renders differently each time stays as it was deployed. */
  readonly ignoreVolatile: boolean
  /** Stages of this release alone: refused as long as nothing waits by them. */
  readonly stages?: readonly Stage[]
  /** What it is made of instead of a chart; then forge makes the chart. */
  readonly plain?: PlainObjects
  /** Releases whose objects it takes over, where it renders them now and they do no longer. */
  readonly takesOver: readonly string[]
  readonly at: Position
}

/** Objects that are written down as they are, or what kustomize makes of a folder. */
export interface PlainObjects {
  readonly kind: 'manifests' | 'kustomization'
  /** As forge.yaml has them: files, folders, patterns; of a kustomization its folder. */
  readonly paths: readonly { readonly path: string; readonly at: Position }[]
  /** What was found where they were read. */
  readonly warnings?: readonly Problem[]
  /** Where each object was written, by the template of the chart that forge made; of a kustomization the folder's own file. */
  readonly places?: ReadonlyMap<string, Position>
}

export interface ResolvedChart {
  readonly chart: string
  /** What people know it by, where it is a folder that forge made for this run. */
  readonly from?: string
  readonly local: boolean
  readonly repository?: string
  readonly version?: string
  readonly at: Position
}

export interface ValuesFile {
  readonly file: string
  /** What of it are the values: `spec.values` of a HelmRelease. Absent: all of it. */
  readonly path?: ValuePath
  readonly at: Position
}

/** One entry of `set`: a value's path (`redis.enabled`) and where the value comes from. */
export interface SetValue {
  readonly path: ValuePath
  readonly source: Source
  /** Keep the text that an env, dotenv or command source gives, even when it reads as a number or a boolean. */
  readonly asString: boolean
}

export interface ConfigMapSpec {
  readonly name: string
  readonly dotenv?: { readonly file: string; readonly at: Position }
  readonly set: readonly { readonly key: string; readonly source: Source }[]
  readonly omit: readonly { readonly key: string; readonly at: Position }[]
  readonly allow: readonly { readonly key: string; readonly at: Position }[]
  readonly files: readonly {
    readonly key: string
    readonly source: Source
    /** In order; empty: the text as it is. */
    readonly transform: readonly TransformStep[]
  }[]
  readonly at: Position
}

export const TRANSFORMS = ['open-pg-hba'] as const

export type TransformStep = { readonly at: Position } & (
  | { readonly kind: (typeof TRANSFORMS)[number] }
  | { readonly kind: 'replace'; readonly text: string; readonly with: string }
  | { readonly kind: 'set'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'omit'; readonly names: readonly string[] }
  | { readonly kind: 'allowed-subnets'; readonly subnets: readonly string[] }
  /** An ES module of the project. */
  | { readonly kind: 'module'; readonly file: string }
)

export interface Image {
  readonly name: string
  readonly from:
    | ({ readonly kind: 'build' } & ImageSources)
    | { readonly kind: 'compose'; readonly file: string; readonly service: string }
    /** `by`: the flag that says so (`--image`); absent: forge.yaml does. */
    | { readonly kind: 'ref'; readonly ref: string; readonly by?: string }
  /** Where it is pushed to; without it the image stays on this machine (or in the sandbox). */
  readonly repository?: string
  /** Where it is pushed to as well. */
  readonly also?: readonly string[]
  /** The chart values that receive the reference. */
  readonly to: readonly { readonly release: string; readonly path: ValuePath; readonly at: Position }[]
  readonly at: Position
}

/** `images.NAME.build` as forge.yaml has it: paths from the project's folder, the Dockerfile's from the context. */
export interface ImageSources {
  readonly context: string
  readonly dockerfile: string
  readonly target?: string
  readonly args: readonly { readonly name: string; readonly source: Source }[]
  /** By the id that the Dockerfile mounts them by. */
  readonly secrets: readonly { readonly id: string; readonly source: Source }[]
  /** Empty: that of this machine. */
  readonly platforms: readonly string[]
  readonly ssh: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
}

export interface SecretSpec {
  readonly name: string
  readonly type: SecretType
  readonly keys: readonly SecretKeySpec[]
  /** Where a source is missing, the cluster's value stays. */
  readonly keep: boolean
  readonly generate?: GenerateSpec
  /** Type tls: the Service whose names the certificate must hold. */
  readonly service?: string
  readonly at: Position
}

/** A secret whose home is Vault: forge makes and rotates what is there, and brings it back. */
export interface VaultSecretSpec {
  readonly name: string
  /** `secret/shop/app`, or as its API and the agent's annotations have it: `secret/data/shop/app`. */
  readonly path: string
  readonly keys: readonly VaultKeySpec[]
  readonly at: Position
}

export type VaultKeySpec = Pick<SecretKeySpec, 'optional' | 'rollback' | 'length'> & {
  readonly key: string
  readonly at: Position
}

export type SecretType = 'Opaque' | 'kubernetes.io/tls' | 'kubernetes.io/dockerconfigjson'

export interface SecretKeySpec {
  readonly key: string
  readonly source: Source
  readonly optional: boolean
  readonly rollback: RollbackRule
  /** Letters of the password that forge makes for it; absent: it makes none. */
  readonly length?: number
  /** The `generate` that says so. */
  readonly lengthAt?: Position
}

export type RollbackRule = 'restore' | 'keep' | 'refuse'

export type GenerateSpec =
  | { readonly kind: 'password'; readonly length: number; readonly at: Position }
  | {
      readonly kind: 'certificate'
      /** Folder of the root and intermediate CA. */
      readonly ca: string
      /** Beside those of the Service. `{namespace}` is filled in. */
      readonly hosts: readonly string[]
      readonly days: number
      readonly at: Position
    }

export interface Stage {
  readonly name: string
  /** `Kind/name` that must exist and be ready. */
  readonly wait: readonly string[]
  /** `Kind/name` that are waited for when the charts render them. */
  readonly optional: readonly string[]
  readonly timeoutMs: number
  /** `minReady`, `grace` and `allow`; what is absent has the defaults of JUDGE_DEFAULTS. */
  readonly rules?: StageRules
  readonly at: Position
}

export interface Check {
  readonly kind: 'http'
  readonly service: string
  readonly port: number | string
  readonly path: string
  readonly status: number
  readonly timeoutMs: number
  readonly at: Position
}

export interface Notice {
  /** Of the address of a webhook, which is a secret. */
  readonly source: Source
  readonly on: readonly NotifyEvent[]
  readonly at: Position
}
