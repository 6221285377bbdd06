import { nearest } from '../../domain/config/nearest.ts'
import type { ClusterReader } from '../../ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

const KIND = { apiVersion: 'v1', kind: 'Namespace' } as const

/** `namespace shpo does not exist (did you mean shop?)`. Undefined: it is there, or nobody may look. */
export async function missingNamespace(
  name: string,
  cluster: Pick<ClusterReader, 'get' | 'list'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const read = cluster.get({ ...KIND, name }, signal).then((there) => ({ there }))
  const found = await unlessForbidden(read)
  if (found === undefined || found.there !== undefined) return undefined
  const all = (await unlessForbidden(cluster.list(KIND, { metadataOnly: true }, signal))) ?? []
  const near = nearest(
    name,
    all.map(({ metadata }) => metadata.name),
  )
  return `namespace ${name} does not exist${near === undefined ? '' : ` (did you mean ${near}?)`}`
}
