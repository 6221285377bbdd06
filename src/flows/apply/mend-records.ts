import type { Operation } from '../../domain/journal/operation.ts'
import type { ApiResource } from '../../domain/kube.ts'
import { mendManifest } from '../../domain/manifest/outdated.ts'
import type { OutdatedRecord } from '../phases/observed.ts'
import { changeRecord, type RecordContent } from '../state/release-record.ts'
import type { DeployRecord } from '../state/journal.ts'
import type { HeldRecords, ReleaseName } from './record.ts'

/** Under the lock, and agreed to: each record is rewritten so that helm can read it again (as mapkubeapis does). */
export async function mendRecords(
  { outdated = [], release }: { readonly outdated?: readonly OutdatedRecord[]; readonly release: ReleaseName },
  resources: readonly ApiResource[],
  { cluster, codec, confirm, record }: HeldRecords & { readonly record: Pick<DeployRecord, 'step'> | undefined },
  signal: AbortSignal,
): Promise<void> {
  const scope = { cluster, codec, release: release.name, namespace: release.namespace }
  for (const { revision } of outdated) {
    const operation: Operation = { op: 'mend-record', release: release.name, revision }
    await confirm()
    await record?.step(operation, 'running')
    await changeRecord(scope, revision, (content) => mendedContent(content, resources), signal)
    await record?.step(operation, 'done')
  }
}

/** helm reads the hooks of a record, too, when it runs them. */
function mendedContent(content: RecordContent, resources: readonly ApiResource[]): RecordContent {
  const hooks = content['hooks'] as readonly { readonly manifest?: string }[] | null | undefined
  const mended = hooks?.map(({ manifest = '', ...hook }) => ({ ...hook, manifest: mendManifest(manifest, resources) }))
  const manifest = mendManifest(content.manifest, resources)
  return { ...content, manifest, ...(mended === undefined ? {} : { hooks: mended }) }
}
