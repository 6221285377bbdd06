import type { KubeObject } from '../kube.ts'

/** A release as Helm's own record (a Secret) tells it. `manifest` is what helm applied, hooks excluded. */
export interface ReleaseRecord {
  readonly name: string
  readonly revision: number
  readonly status: string
  readonly description: string
  /** When the release came to be, ISO 8601; revisions keep it. */
  readonly installedAt: string | undefined
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string }
  /** All that helm keeps of the chart, as it stands in the record: it was not looked at (`keptChart`). */
  readonly keptChart?: unknown
  readonly manifest: string
  readonly hooks: readonly {
    readonly name: string
    readonly kind: string
    readonly manifest: string
    readonly events: readonly string[]
  }[]
  readonly config: Readonly<Record<string, unknown>>
  /** `apply` for releases that helm 4 installs with server-side apply, `patch` for helm 3's. */
  readonly applyMethod: 'apply' | 'patch'
  readonly bytes: number
  /** Why nothing of it but its name, revision and status can be read; all else is empty then. */
  readonly fault?: string | undefined
  /** The Secret that it is kept in, without its data: who put marks on it. */
  readonly secret?: KubeObject
  /** Not in the cluster yet: what ran before helm, which `forge migrate-to-helm` writes down first. */
  readonly unwritten?: true
}
