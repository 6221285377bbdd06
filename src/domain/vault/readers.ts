import type { KubeObject } from '../kube.ts'
import { annotationsOf, markOf, restartsPods } from '../manifest/restart-marks.ts'
import { injectionOf } from './injection.ts'
import { isSamePath } from './path.ts'

/** Which keys of a path a workload's agent takes; undefined where a file takes all of them. */
export interface ReaderKeys {
  readonly keys: readonly string[] | undefined
}

/** Undefined: its pods do not ask Vault's agent for this path, as far as their annotations say. */
export function readerOf(object: KubeObject, path: string): ReaderKeys | undefined {
  if (!restartsPods(object)) return undefined
  const files = injectionOf(annotationsOf(object))?.files ?? []
  const reads = files.flatMap((file) => file.reads).filter((read) => !read.isMade && isSamePath(path, read.path))
  if (reads.length === 0) return undefined
  const isWhole = reads.some(({ keys }) => keys.length === 0)
  return { keys: isWhole ? undefined : [...new Set(reads.flatMap(({ keys }) => keys))] }
}

/** The annotation of a pod template that says which version of the path its pods began with. */
export function homeMark(name: string): string {
  return markOf({ kind: 'Vault', name })
}

/** The version that a workload's template was last written with. Undefined: its template does not say. */
export function homeVersionOf(object: KubeObject | undefined, name: string): string | undefined {
  return annotationsOf(object)[homeMark(name)]
}
