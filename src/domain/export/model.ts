/** What `forge export` writes for a controller that deploys from Git: plain data, as files. */
import type { CrdPolicy, PreservedField } from '../config/model.ts'
import type { KubeObject } from '../kube.ts'
import type { JsonMap } from '../values/model.ts'

export const EXPORT_TARGETS = ['flux', 'argocd', 'kustomize'] as const

export type ExportTarget = (typeof EXPORT_TARGETS)[number]

/** Where a controller finds a chart. */
export type ExportedChart =
  /** A folder of the repository that forge.yaml is in; from its top. */
  | { readonly kind: 'git'; readonly path: string }
  /** `oci://registry/charts/web`, with one version of it. */
  | { readonly kind: 'oci'; readonly url: string; readonly version: string }
  | { readonly kind: 'repository'; readonly url: string; readonly name: string; readonly version: string }

export interface ExportedRelease {
  readonly name: string
  readonly namespace: string
  readonly needs: readonly string[]
  readonly chart: ExportedChart
  readonly values: JsonMap
  readonly crds: CrdPolicy
}

export interface ExportedProject {
  /** The environment's; Secrets are there, and the objects of Flux. */
  readonly namespace: string
  readonly releases: readonly ExportedRelease[]
  /** Fields that others may change. */
  readonly preserve: readonly PreservedField[]
  /** Of all stages together. */
  readonly timeoutSeconds: number
}

/** `path` from the folder of the export. */
export interface ExportedFile {
  readonly path: string
  readonly object: KubeObject
}
