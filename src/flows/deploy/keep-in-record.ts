import { keyOf } from '../../domain/kube.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { ReleaseWork } from './context.ts'
import { editManifest, type RecordPorts } from './record.ts'

/** Objects of a release that its newest revision no longer rendered, and that were kept. */
export function keptObjects({ plans, previous }: Pick<ReleaseWork, 'plans' | 'previous'>): readonly Rendered[] {
  const kept = new Set(plans.filter(({ action }) => action === 'keep').map(({ ref }) => keyOf(ref)))
  return previous.filter(({ object, hook }) => hook === undefined && kept.has(keyOf(object)))
}

/** Those that the other manifest does not have. */
export function notAmong(some: readonly Rendered[], other: readonly Rendered[]): Rendered[] {
  const known = new Set(other.map(({ object }) => keyOf(object)))
  return some.filter(({ object }) => !known.has(keyOf(object)))
}

/**
 * Before a rollback by helm 3: a claim that the newest revision no longer rendered, and that was kept, is missing from
 * that revision's record. helm 3 then takes the live object for what it once wrote, removes every field that the chart
 * does not state (the volume's name among them), and the API server refuses: the rollback fails half-way (helm 3.22,
 * pkg/kube/client.go, Update). With the claim in the record nothing is left to change. The same goes for what is being
 * deleted: helm 3 would take its finalizers off. The lock is held.
 */
export async function keepInRecord(
  work: { readonly release: Pick<ReleaseWork['release'], 'name' | 'namespace'> },
  documents: readonly Rendered[],
  revision: number,
  ports: RecordPorts,
  signal: AbortSignal,
): Promise<void> {
  if (documents.length === 0) return
  const added = documents.map(({ object, template }) => `---\n# Source: ${template}\n${JSON.stringify(object)}\n`)
  await editManifest(work, revision, (manifest) => `${manifest.trimEnd()}\n${added.join('')}`, ports, signal)
}
