import { groupOf, type ApiResource, type KubeObject } from '../../domain/kube.ts'
import type { ClusterReader } from '../../ports.ts'

interface Looking {
  readonly namespace: string
  readonly cluster: Pick<ClusterReader, 'get' | 'list' | 'resources'>
}

export interface Named {
  readonly found: readonly KubeObject[]
  /** Names of what is not there. */
  readonly lacking: readonly string[]
}

/**
 * What forge.yaml names as `Kind/name` and no record of helm has: where Flux or Argo CD applies plain objects, they are known by
 * these names alone. A Job is meant by its label, as everywhere. `isMeant`: kinds that are looked for.
 */
export async function readNamed(
  names: readonly string[],
  { namespace, cluster }: Looking,
  signal: AbortSignal,
  isMeant: (resource: Pick<ApiResource, 'apiVersion' | 'kind'>) => boolean = () => true,
): Promise<Named> {
  if (names.length === 0) return { found: [], lacking: [] }
  const resources = await cluster.resources(signal)
  const all = [...new Set(names)].map(async (text) => {
    const [wanted = '', name = ''] = text.split('/', 2)
    const [kind, ...group] = wanted.split('.')
    const served = resources
      .filter((one) => one.kind === kind && (group.length === 0 || groupOf(one.apiVersion) === group.join('.')))
      .filter(isMeant)
    const lists = served.map(async ({ apiVersion }): Promise<readonly KubeObject[]> => {
      const ref = { apiVersion, kind: kind ?? '' }
      const labelSelector = `app.kubernetes.io/name=${name}`
      if (kind === 'Job') return await cluster.list(ref, { namespace, labelSelector }, signal)
      const live = await cluster.get({ ...ref, namespace, name }, signal)
      return live === undefined ? [] : [live]
    })
    return { text, objects: (await Promise.all(lists)).flat() }
  })
  const read = await Promise.all(all)
  return {
    found: read.flatMap(({ objects }) => objects),
    lacking: read.filter(({ objects }) => objects.length === 0).map(({ text }) => text),
  }
}
