/** What flows ask of the files that a stack was applied from; part of the ports (ports.ts). */
import type { ManifestFile } from './domain/migrate/source.ts'
import type { ClusterName } from './hint.ts'

export type LegacyPlace =
  /** `file`: the kustomization itself. */
  | { readonly kind: 'kustomization'; readonly file: string }
  /** All manifests below a folder, in the order of their names, or the one file. */
  | { readonly kind: 'manifests'; readonly files: readonly ManifestFile[] }
  | { readonly kind: 'missing' }

export interface LegacyFiles {
  find(path: string): Promise<LegacyPlace>
  /**
   * What kustomize makes of a folder, without fetching anything. Throws E_LEGACY_REMOTE, E_LEGACY_RENDER with kustomize's own
   * reason, and E_TOOL_MISSING.
   */
  build(folder: string, signal: AbortSignal): Promise<string>
}

/** Runs a command in a pod, for `--check`. */
export interface PodCommands {
  run(
    request: {
      readonly cluster: ClusterName
      readonly namespace: string
      /** `Deployment/postgres` */
      readonly target: string
      /** A line for `sh -c`. */
      readonly command: string
    },
    signal: AbortSignal,
  ): Promise<{ readonly status: number | undefined; readonly stdout: string; readonly stderr: string }>
}
