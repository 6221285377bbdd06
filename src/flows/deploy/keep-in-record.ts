import { keyOf } from '../../domain/kube.ts'
import type { Codec } from '../../ports.ts'
import type { Connection, ReleaseWork } from './context.ts'

/**
 * Before a rollback by helm 3: a claim that the failed revision no longer rendered, and that was kept, is missing from
 * that revision's record. helm 3 then takes the live object for what it once wrote, removes every field that the chart
 * does not state (the volume's name among them), and the API server refuses: the rollback fails half-way (helm 3.22,
 * pkg/kube/client.go, Update). With the claim in the record nothing is left to change. The lock is held.
 */
export async function keepInRecord(
  { release, plans, previous }: ReleaseWork,
  revision: number,
  { cluster, codec }: { readonly cluster: Pick<Connection, 'get' | 'replace'>; readonly codec: Codec },
  signal: AbortSignal,
): Promise<void> {
  const kept = new Set(plans.filter(({ action }) => action === 'keep').map(({ ref }) => keyOf(ref)))
  const documents = previous.filter(({ object, hook }) => hook === undefined && kept.has(keyOf(object)))
  if (documents.length === 0) return
  const name = `sh.helm.release.v1.${release.name}.v${revision}`
  const record = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace: release.namespace, name }, signal)
  const data = record?.['data'] as { readonly release?: string } | undefined
  if (record === undefined || data?.release === undefined) return
  const content = JSON.parse(await codec.unpack(atob(data.release))) as { readonly manifest: string }
  const added = documents.map(({ object, template }) => `---\n# Source: ${template}\n${JSON.stringify(object)}\n`)
  const manifest = `${content.manifest.trimEnd()}\n${added.join('')}`
  const packed = await codec.pack(JSON.stringify({ ...content, manifest }))
  await cluster.replace({ ...record, ['data']: { ...data, release: btoa(packed) } }, signal)
}
