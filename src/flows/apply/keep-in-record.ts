import { withObjects } from '../../domain/manifest/moved-objects.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { editManifest, type RecordPorts, type ReleaseName } from './record.ts'

/**
 * Before a rollback by helm 3: an object that the newest revision no longer rendered, and that is there, is missing from
 * that revision's record. helm 3 then takes the live object for what it once wrote, removes every field that the chart
 * does not state (a volume's name, a Job's selector), and the API server refuses: the rollback fails half-way (helm 3.22,
 * pkg/kube/client.go, Update). With the object in the record nothing is left to change. The same goes for what is being
 * deleted: helm 3 would take its finalizers off. The lock is held.
 */
export async function keepInRecord(
  release: ReleaseName,
  documents: readonly Rendered[],
  revision: number,
  ports: RecordPorts,
  signal: AbortSignal,
): Promise<void> {
  if (documents.length === 0) return
  await editManifest(release, revision, (text) => withObjects(text, documents, release.namespace), ports, signal)
}
