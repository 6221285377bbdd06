import type { OutdatedRecord } from '../phases/observed.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import { groupOf, type ApiResource } from '../../domain/kube.ts'
import { mendManifest } from '../../domain/manifest/outdated.ts'
import { counted } from '../../domain/screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import { changeRecord, type RecordContent } from '../state/release-record.ts'
import type { ObservedRelease } from '../phases/observed.ts'
import type { RecordPorts } from './record.ts'
import type { Run } from './run.ts'

/**
 * A kind may be missing from discovery because the server behind its API does not answer: then nothing is known of its
 * objects, and a record must not lose them. Throws E_RECORD_API.
 */
export async function requireAnswering(
  works: readonly Pick<ObservedRelease, 'outdated' | 'release'>[],
  cluster: Pick<ClusterReader, 'get'>,
  signal: AbortSignal,
): Promise<void> {
  const gone = works.flatMap(({ outdated = [] }) => outdated.flatMap(({ objects }) => objects))
  const versions = new Set(gone.filter(({ to }) => to === undefined).map(({ from }) => from))
  for (const version of versions) {
    const group = groupOf(version)
    const name = `${version.slice(group.length + 1)}.${group}`
    const service = await cluster.get({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name }, signal)
    const served = (service?.['spec'] as { service?: unknown } | undefined)?.service
    if (served === undefined || served === null) continue
    throw new ForgeError(
      'E_RECORD_API',
      `${version} is an API of a server that does not answer, so its objects are unknown`,
      {
        hint: kubectl(['get', 'apiservice', name]),
        where: `APIService/${name}`,
      },
    )
  }
}

/** What is said of them in the plan, one sentence per record. */
export function outdatedText(release: string, { revision, objects }: OutdatedRecord): string {
  const [first] = objects
  if (first === undefined) return ''
  const { object, from, to } = first
  const more = objects.length === 1 ? '' : ` (and ${counted(objects.length - 1, 'more object')})`
  const mend = to === undefined ? 'it has to be taken out of the record' : `the record has to be rewritten to ${to}`
  return `helm's record of ${release} revision ${revision} has ${object} as ${from}, which the cluster does not serve any more${more}: ${mend}, else helm cannot read it`
}

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

/** Hooks are read too, when they run. */
export function mendedContent(content: RecordContent, resources: readonly ApiResource[]): RecordContent {
  const hooks = content['hooks'] as readonly { readonly manifest?: string }[] | null | undefined
  const mended = hooks?.map(({ manifest = '', ...hook }) => ({ ...hook, manifest: mendManifest(manifest, resources) }))
  const manifest = mendManifest(content.manifest, resources)
  return { ...content, manifest, ...(mended === undefined ? {} : { hooks: mended }) }
}
