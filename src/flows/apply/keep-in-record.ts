import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { ReleasePlan } from '../phases/planned.ts'
import { editManifest, type RecordPorts } from './record.ts'

/**
 * Objects of a release that its newest revision no longer rendered, and that are there all the same: they were kept, are on
 * their way out, or helm failed (a hook) before it came to delete them.
 */
export function stillThere(
  { previous, rendered }: Pick<ReleasePlan, 'previous' | 'rendered'>,
  live: ReadonlyMap<string, KubeObject>,
): Rendered[] {
  const own = previous.filter(({ hook }) => hook === undefined)
  return notAmong(own, rendered).filter(({ object }) => live.has(keyOf(object)))
}

/** Those that the other manifest does not have. */
function notAmong(some: readonly Rendered[], other: readonly Rendered[]): Rendered[] {
  const known = new Set(other.map(({ object }) => keyOf(object)))
  return some.filter(({ object }) => !known.has(keyOf(object)))
}

/**
 * Before a rollback by helm 3: an object that the newest revision no longer rendered, and that is there, is missing from
 * that revision's record. helm 3 then takes the live object for what it once wrote, removes every field that the chart
 * does not state (a volume's name, a Job's selector), and the API server refuses: the rollback fails half-way (helm 3.22,
 * pkg/kube/client.go, Update). With the object in the record nothing is left to change. The same goes for what is being
 * deleted: helm 3 would take its finalizers off. The lock is held.
 */
export async function keepInRecord(
  work: { readonly release: Pick<ReleasePlan['release'], 'name' | 'namespace'> },
  documents: readonly Rendered[],
  revision: number,
  ports: RecordPorts,
  signal: AbortSignal,
): Promise<void> {
  if (documents.length === 0) return
  const added = documents.map(({ object, template }) => `---\n# Source: ${template}\n${JSON.stringify(object)}\n`)
  await editManifest(work, revision, (manifest) => `${manifest.trimEnd()}\n${added.join('')}`, ports, signal)
}
