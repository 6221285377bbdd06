import type { Operation } from '../../domain/journal/operation.ts'
import type { ApiResource } from '../../domain/kube.ts'
import { mendManifest } from '../../domain/manifest/outdated.ts'
import type { ObservedRelease } from '../phases/observed.ts'
import { changeRecord, type RecordContent } from '../state/release-record.ts'
import type { RecordPorts } from './record.ts'
import type { Run } from './run.ts'

/** Under the lock, and agreed to: each record is rewritten so that helm can read it again (as mapkubeapis does). */
export async function mendRecords(
  { outdated = [], release }: Pick<ObservedRelease, 'outdated' | 'release'>,
  resources: readonly ApiResource[],
  { cluster, codec }: RecordPorts,
  run: Pick<Run, 'confirm' | 'record'> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const scope = { cluster, codec, release: release.name, namespace: release.namespace }
  for (const { revision } of outdated) {
    const operation: Operation = { op: 'mend-record', release: release.name, revision }
    await run?.confirm()
    await run?.record.step(operation, 'running')
    await changeRecord(scope, revision, (content) => mendedContent(content, resources), signal)
    await run?.record.step(operation, 'done')
  }
}

/** helm reads the hooks of a record, too, when it runs them. */
export function mendedContent(content: RecordContent, resources: readonly ApiResource[]): RecordContent {
  const hooks = content['hooks'] as readonly { readonly manifest?: string }[] | null | undefined
  const mended = hooks?.map(({ manifest = '', ...hook }) => ({ ...hook, manifest: mendManifest(manifest, resources) }))
  const manifest = mendManifest(content.manifest, resources)
  return { ...content, manifest, ...(mended === undefined ? {} : { hooks: mended }) }
}
