import type { Checkout } from '../../domain/config/checkout.ts'
import type { ImageNote } from '../../domain/plan/document.ts'
import type { CameMark } from '../../domain/journal/model.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { KubeObject, ObjectRef } from '../../domain/kube.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { KeptValue } from '../../domain/plan/preserved.ts'
import type { Take } from '../../domain/plan/take-over.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import type { Homes } from '../../domain/vault/plan.ts'
import type { Observed, ObservedRelease } from './observed.ts'

export interface ConfiguredRelease extends ObservedRelease {
  readonly configuration: ReleaseConfiguration
  /** Of which its chart or values are, beside the project's own. */
  readonly checkouts?: readonly Checkout[]
}

/** What a workload's pods wait for. */
export interface MissingObject {
  readonly workload: KubeObject
  readonly ref: ObjectRef & { readonly kind: 'ConfigMap' | 'Secret' }
}

/** A chart that was rendered. */
export interface RenderedRelease extends ConfiguredRelease {
  /** What is handed to helm: the configuration with image references and secret revisions. */
  readonly values: Readonly<Record<string, unknown>>
  readonly manifest: string
  readonly rendered: readonly Rendered[]
  /** Helm, left to render by itself a moment later, might write something else than what was planned. */
  readonly varies: boolean
  /** Objects that the chart renders differently each time, and where in it; known where it was rendered twice. */
  readonly volatile: readonly { readonly object: string; readonly at: string | undefined }[]
  /** The manifest that helm is given instead of rendering its own. Undefined: helm renders. */
  readonly frozen: string | undefined
}

/** What a release shall be. */
export interface DesiredRelease extends RenderedRelease {
  /** `forge rollback`: the revision that it goes back to. */
  readonly target?: ReleaseRecord
  /** Marks that say less than what the pods began with; those of a deploy before this one that still hold among them. */
  readonly came: readonly CameMark[]
  /** What it takes over from other releases, before helm runs. */
  readonly takes?: readonly Take[]
  /** Where nothing of it changes helm is not run for it. */
  readonly keepsRevision?: boolean
  /** Consumed objects without which pods do not start, and that are not there yet. */
  readonly missing: readonly MissingObject[]
  /** Annotations of pod templates that forge adds to the chart's own, by the workload's key. */
  readonly marks: ReadonlyMap<string, readonly KeptValue[]>
}

export interface Images {
  /** References by image name. */
  readonly images: ReadonlyMap<string, string>
  readonly imageNotes: readonly ImageNote[]
}

/** With image references, then with secrets, then with values: what rendering needs. */
export type WithImages = Observed & Images

export interface Resolved<Release extends ObservedRelease = ObservedRelease> extends Observed<Release>, Images {
  readonly secretPlans: readonly SecretPlan[]
  /** Secrets that live in Vault. Absent: nobody asked. */
  readonly homes?: Homes
}

export type Configured = Resolved<ConfiguredRelease>

export type Rendering = Resolved<RenderedRelease>

/** What the releases and secrets shall be: what the project says, what an earlier deploy was, or nothing. */
export type Desired = Resolved<DesiredRelease>

/** What is not rendered from a project: an earlier deploy, what runs already, nothing. */
export const NO_CONFIGURATION: ReleaseConfiguration = { values: {}, origins: new Map(), configMaps: {} }

export const NO_IMAGES: Images = { images: new Map(), imageNotes: [] }

/** The parts of a release that only a chart which was just rendered has. */
export const AS_RECORDED = {
  configuration: NO_CONFIGURATION,
  varies: false,
  volatile: [],
  frozen: undefined,
  came: [],
  missing: [],
  marks: new Map<string, readonly KeptValue[]>(),
} as const
