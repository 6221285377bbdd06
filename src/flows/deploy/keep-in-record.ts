import { keyOf } from '../../domain/kube.ts'
import type { ReleaseWork } from './context.ts'
import { editManifest, type RecordPorts } from './record.ts'

/**
 * Before a rollback by helm 3: a claim that the failed revision no longer rendered, and that was kept, is missing from
 * that revision's record. helm 3 then takes the live object for what it once wrote, removes every field that the chart
 * does not state (the volume's name among them), and the API server refuses: the rollback fails half-way (helm 3.22,
 * pkg/kube/client.go, Update). With the claim in the record nothing is left to change. The lock is held.
 */
export async function keepInRecord(
  work: ReleaseWork,
  revision: number,
  ports: RecordPorts,
  signal: AbortSignal,
): Promise<void> {
  const { plans, previous } = work
  const kept = new Set(plans.filter(({ action }) => action === 'keep').map(({ ref }) => keyOf(ref)))
  const documents = previous.filter(({ object, hook }) => hook === undefined && kept.has(keyOf(object)))
  if (documents.length === 0) return
  const added = documents.map(({ object, template }) => `---\n# Source: ${template}\n${JSON.stringify(object)}\n`)
  await editManifest(work, revision, (manifest) => `${manifest.trimEnd()}\n${added.join('')}`, ports, signal)
}
