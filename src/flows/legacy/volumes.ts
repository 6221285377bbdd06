import type { KubeObject } from '../../domain/kube.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { editObject, WRITES_AT_ONCE, type Editor } from './edit.ts'
import { inParallel } from '../in-parallel.ts'

const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume' }

interface VolumeSpec {
  readonly persistentVolumeReclaimPolicy?: string
}

/** What becomes of the volumes behind these claims when a claim is deleted, by the volume's name. `unseen`: may not be read. */
export async function policiesOf(
  claims: readonly KubeObject[],
  cluster: Editor,
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
  cluster: Editor,
  confirm: () => Promise<void>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const refused: string[] = []
  await inParallel(Object.entries(policies), WRITES_AT_ONCE, async ([name, policy]) => {
    await confirm()
    await unlessForbidden(setPolicy(name, policy, cluster, signal), () => refused.push(name))
  })
  return refused
}

async function setPolicy(name: string, policy: string, cluster: Editor, signal: AbortSignal): Promise<void> {
  const change = (volume: KubeObject): KubeObject | undefined => {
    const spec = (volume['spec'] ?? {}) as VolumeSpec
    const isSet = spec.persistentVolumeReclaimPolicy === policy
    return isSet ? undefined : { ...volume, spec: { ...spec, persistentVolumeReclaimPolicy: policy } }
  }
  await editObject({ ...VOLUME, metadata: { name } }, change, cluster, signal)
}
