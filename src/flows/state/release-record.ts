import { recordName } from '../../domain/helm/record.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { isStuck } from '../../domain/recovery/decide.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { ClusterReader, ClusterWriter, Codec } from '../../ports.ts'

export interface RecordScope {
  readonly cluster: Pick<ClusterReader, 'get'> & Pick<ClusterWriter, 'replace'>
  readonly codec: Codec
  readonly release: string
  readonly namespace: string
}

/** What forge changes in helm's own record of a revision; all else is passed on as it is. */
export interface RecordContent {
  readonly manifest: string
  readonly info: { readonly status: string; readonly description?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/**
 * A revision that says otherwise what an earlier one says, with nothing sent to the cluster for it: helm goes on from it as from one
 * of its own. The earlier one is kept, to go back to. False: `change` has nothing to change. E_RELEASE_MOVED: somebody else has
 * made that revision. The lock is held.
 */
export async function addRevision(
  scope: RecordScope & { readonly cluster: Pick<ClusterWriter, 'create'> },
  { of, number }: { readonly of: number; readonly number: number },
  change: (content: RecordContent) => RecordContent | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { cluster, codec, release, namespace } = scope
  const record = await cluster.get({ ...SECRET_KIND, namespace, name: recordName(release, of) }, signal)
  const data = record?.['data'] as { readonly release?: string } | undefined
  if (record === undefined || data?.release === undefined) throw moved(release, namespace, of)
  const next = change(JSON.parse(await codec.unpack(atob(data.release))) as RecordContent)
  if (next === undefined) return false
  const content = { ...next, version: number, info: { ...next.info, status: 'deployed' } }
  const labels = { ...record.metadata.labels, version: String(number), status: 'deployed' }
  const packed = btoa(await codec.pack(JSON.stringify(content)))
  const made = {
    ...SECRET_KIND,
    metadata: { name: recordName(release, number), namespace, labels },
    ...{ type: record['type'], data: { ...data, release: packed } },
  }
  if ((await cluster.create(made, signal)) === undefined) throw moved(release, namespace, number)
  await changeRecord(scope, of, superseded, signal)
  return true
}

function superseded(content: RecordContent, status: string): RecordContent | undefined {
  return status === 'deployed' ? { ...content, info: { ...content.info, status: 'superseded' } } : undefined
}

function moved(release: string, namespace: string, revision: number): ForgeError {
  return new ForgeError(
    'E_RELEASE_MOVED',
    `somebody else changed the records of release ${release} (revision ${revision})`,
    {
      hint: helm(['history', release], namespace),
      where: `release ${release}, namespace ${namespace}`,
    },
  )
}

const CONFLICTS = 3

/**
 * Rewrites helm's record of a revision (a Secret: base64 of gzip of JSON, as helm's storage driver has it) under the
 * precondition that nobody else does at this moment. `change` returns undefined where nothing has to change any more.
 * True when it was written. The lock is held.
 */
export async function changeRecord(
  { cluster, codec, release, namespace }: RecordScope,
  revision: number,
  change: (content: RecordContent, status: string) => RecordContent | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const name = recordName(release, revision)
  for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
    const record = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal)
    const data = record?.['data'] as { readonly release?: string } | undefined
    if (record === undefined || data?.release === undefined) return false
    const content = JSON.parse(await codec.unpack(atob(data.release))) as RecordContent
    const next = change(content, record.metadata.labels?.['status'] ?? content.info.status)
    if (next === undefined) return false
    const packed = btoa(await codec.pack(JSON.stringify(next)))
    if ((await cluster.replace(withContent(record, next, { ...data, release: packed }), signal)) !== undefined)
      return true
  }
  throw new ForgeError('E_API_CONFLICT', `helm's record ${name} keeps changing`, {
    hint: helm(['history', release], namespace),
    where: `Secret/${name}`,
  })
}

/** The label says the status too: helm lists by it. */
function withContent(record: KubeObject, { info }: RecordContent, data: object): KubeObject {
  const labels = { ...record.metadata.labels, status: info.status }
  return { ...record, metadata: { ...record.metadata, labels }, ['data']: data }
}

/**
 * A revision that helm left in the middle of something, as failed: then helm takes up the release again. False when it
 * was not in the middle of anything any more.
 */
export async function settleRecord(
  scope: RecordScope,
  revision: number,
  why: string,
  signal: AbortSignal,
): Promise<boolean> {
  return await changeRecord(
    scope,
    revision,
    (content, status) =>
      isStuck({ status }) ? { ...content, info: { ...content.info, status: 'failed', description: why } } : undefined,
    signal,
  )
}
