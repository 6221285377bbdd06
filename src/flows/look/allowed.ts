import { askingFor, lackingText, missingPermissions } from '../../domain/access/permissions.ts'
import { createsWithin, withinRights } from '../../domain/access/rights.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

interface Scene {
  readonly checkout: unknown
  readonly connected: { readonly cluster: Pick<ClusterReader, 'rules' | 'version'> }
}

/** E_FORBIDDEN with the right that lacks, before anybody is led there. Where the cluster does not say it, the connection itself does. */
export async function requireWithin(
  resource: Parameters<typeof withinRights>[0],
  { metadata: { name, namespace = '' } }: KubeObject,
  { checkout, connected: { cluster } }: Scene,
  signal: AbortSignal,
): Promise<void> {
  const rules = await unlessForbidden(cluster.rules(namespace, signal))
  if (rules === undefined || rules.incomplete) return
  const needed = withinRights(resource)
  const lacking = missingPermissions(
    needed.map((one) => ({ ...one, name })),
    rules,
  )
  const all = needed.filter(({ verb }) => lacking.some((one) => one.verb === verb))
  const [first] = all
  if (first === undefined) return
  if (first.verb === 'create' && !createsWithin(await cluster.version(signal))) return
  const where = `namespace ${namespace}`
  throw new ForgeError('E_FORBIDDEN', lackingText(all, where), {
    // Of the project's objects, which forge.yaml names.
    hint: checkout === undefined ? kubectl(askingFor(first), namespace) : forge('rbac', '--for', 'look'),
    where,
  })
}
