import type { KubeObject } from '../../domain/kube.ts'
import type { ClusterReader, ClusterWriter } from '../../ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { editObject } from './edit.ts'

type Cluster = Pick<ClusterReader, 'get'> & Pick<ClusterWriter, 'replace'>

const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume' }

interface VolumeSpec {
  readonly persistentVolumeReclaimPolicy?: string
}

/** What becomes of the volumes behind these claims when a claim is deleted, by the volume's name. `unseen`: may not be read. */
export async function policiesOf(
  claims: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly policies: Readonly<Record<string, string>>; readonly unseen: readonly string[] }> {
  const names = claims.flatMap((claim) => (claim['spec'] as { volumeName?: string } | undefined)?.volumeName ?? [])
  const found = await Promise.all(
    names.map(async (name) => {
      const volume = await unlessForbidden(cluster.get({ ...VOLUME, name }, signal))
      return { name, policy: (volume?.['spec'] as VolumeSpec | undefined)?.persistentVolumeReclaimPolicy }
    }),
  )
  return {
    policies: Object.fromEntries(found.flatMap(({ name, policy }) => (policy === undefined ? [] : [[name, policy]]))),
    unseen: found.flatMap(({ name, policy }) => (policy === undefined ? [name] : [])),
  }
}

/** Sets the reclaim policy of volumes. Returns those that may not be changed; the claims' own `keep` has to suffice for them. */
export async function setPolicies(
  policies: Readonly<Record<string, string>>,
  cluster: Cluster,
  confirm: () => Promise<void>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const refused: string[] = []
  for (const [name, policy] of Object.entries(policies)) {
    await confirm()
    const set = setPolicy(name, policy, cluster, signal)
    await unlessForbidden(set, () => refused.push(name))
  }
  return refused
}

async function setPolicy(name: string, policy: string, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const change = (volume: KubeObject): KubeObject | undefined => {
    const spec = (volume['spec'] ?? {}) as VolumeSpec
    const isSet = spec.persistentVolumeReclaimPolicy === policy
    return isSet ? undefined : { ...volume, spec: { ...spec, persistentVolumeReclaimPolicy: policy } }
  }
  await editObject({ ...VOLUME, metadata: { name } }, change, cluster, signal)
}
