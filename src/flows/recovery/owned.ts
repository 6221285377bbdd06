import { gitopsOwned } from '../../domain/gitops.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { RecoveryPlan } from '../../domain/recovery/model.ts'
import { gitopsRefusal, managedRefusal, requireWritable } from '../observe/gitops.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import type { InspectedRelease } from './inspect.ts'
import type { RecoveryScope } from './scope.ts'

/** E_GITOPS_OWNED where a recovery would write what Flux or Argo CD owns. One that only writes the journal is none. */
export async function refuseOwned(
  { actions }: RecoveryPlan,
  releases: readonly InspectedRelease[],
  { cluster, checkout, namespace }: RecoveryScope,
  signal: AbortSignal,
): Promise<void> {
  const writes = actions.filter(({ kind }) => kind !== 'wait')
  if (writes.length === 0) return
  if (checkout !== undefined) requireWritable(managedRefusal(checkout))
  const read = async (one: { apiVersion: string; kind: string; name: string; namespace?: string }) =>
    (await unlessForbidden(cluster.get(one, signal))) ?? []
  const meant = releases.filter(({ name }) => writes.some((one) => 'release' in one && one.release === name))
  const places = new Set([namespace, ...meant.map((one) => one.namespace)])
  const found: (KubeObject | readonly KubeObject[])[] = await Promise.all([
    ...[...places].map(async (name) => await read({ apiVersion: 'v1', kind: 'Namespace', name })),
    ...writes.flatMap((one) =>
      one.kind === 'restore-secret' ? [read({ ...SECRET_KIND, namespace, name: one.secret })] : [],
    ),
  ])
  const owned = gitopsOwned([
    ...found.flat(),
    ...meant.flatMap(({ live, history: [newest] }) => [
      ...live.values(),
      ...(newest?.secret === undefined ? [] : [newest.secret]),
    ]),
  ])
  if (owned.length > 0) requireWritable(gitopsRefusal(owned, namespace, await cluster.resources(signal)))
}
