import { suggestion, nearest } from '../../domain/config/nearest.ts'
import { lastDeployed, sameContent } from '../../domain/helm/record.ts'
import { ForgeError } from '../../errors.ts'
import { again, helm, type Hint } from '../../hint.ts'
import type { ClusterReader, ReleaseRecord, ReleaseStore } from '../../ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

export type ReleaseCluster = Pick<ClusterReader, 'context' | 'named' | 'version' | 'resources' | 'get' | 'list'> &
  Pick<ReleaseStore, 'history'> & { readonly namespace?: string | undefined }

/** A release as helm's newest record has it. */
export interface KeptRelease {
  readonly name: string
  readonly namespace: string
  readonly record: ReleaseRecord
  /** What its templates saw. */
  readonly rendered: { readonly revision: number; readonly isUpgrade: boolean }
}

/** Throws E_INIT_RELEASE, E_INIT_STATE, E_RECORD_UNREADABLE, and what the cluster throws. */
export async function readRelease(
  name: string,
  namespace: string,
  cluster: ReleaseCluster,
  signal: AbortSignal,
): Promise<KeptRelease> {
  const history = await cluster.history(name, namespace, signal)
  const [record] = history
  if (record === undefined) throw await unknownRelease(name, namespace, cluster, signal)
  const where = `release ${name}, namespace ${namespace}`
  if (record.status !== 'deployed') throw unsettled(record, history, namespace)
  if (record.fault !== undefined)
    throw new ForgeError(
      'E_RECORD_UNREADABLE',
      `helm's record of ${name} revision ${record.revision} cannot be read: ${record.fault}`,
      {
        ...{ hint: helm(['history', name], namespace), where },
      },
    )
  const origin = sameContent(record, history).at(-1) ?? record.revision
  const first = history.find(({ revision }) => revision === origin)
  const isInstall = origin === 1 || first?.description === 'Install complete'
  return { name, namespace, record, rendered: { revision: origin, isUpgrade: !isInstall } }
}

function unsettled(record: ReleaseRecord, history: readonly ReleaseRecord[], namespace: string): ForgeError {
  const { name, revision, status } = record
  const good = lastDeployed(history.filter((one) => one !== record))
  const isPending = status.startsWith('pending') || status === 'uninstalling'
  const why = isPending
    ? 'helm is at it, or was killed'
    : status === 'failed'
      ? 'what runs is neither that nor the revision before'
      : 'nothing of it runs'
  const back =
    good === undefined || status === 'uninstalled'
      ? helm(['history', name], namespace)
      : helm(['rollback', name, String(good.revision)], namespace)
  return new ForgeError('E_INIT_STATE', `release ${name} is ${status} (revision ${revision}): ${why}`, {
    hint: isPending ? helm(['history', name], namespace) : back,
    where: `release ${name}, namespace ${namespace}`,
  })
}

async function unknownRelease(
  name: string,
  namespace: string,
  cluster: ReleaseCluster,
  signal: AbortSignal,
): Promise<ForgeError> {
  const own = await releasesIn(namespace, cluster, signal)
  const others =
    own.length === 0 ||
    nearest(
      name,
      own.map((one) => one.name),
    ) === undefined
      ? await releasesIn(undefined, cluster, signal)
      : []
  const same = others.filter((one) => one.name === name)
  const { text, hint } = await said(
    name,
    namespace,
    { own: own.map((one) => one.name), same: same.map((one) => one.namespace) },
    cluster,
    signal,
  )
  return new ForgeError('E_INIT_RELEASE', text, { hint, where: `--from-release ${name}` })
}

async function said(
  name: string,
  namespace: string,
  { own, same }: { readonly own: readonly string[]; readonly same: readonly string[] },
  cluster: ReleaseCluster,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly hint: Hint }> {
  const [elsewhere] = same
  const no = `there is no release ${name} in namespace ${namespace}`
  if (elsewhere !== undefined)
    return { text: `${no}; there is one in ${same.join(', ')}`, hint: again('-n', elsewhere) }
  const meant = nearest(name, own)
  if (meant !== undefined) return { text: `${no}${suggestion(name, own)}`, hint: again('--from-release', meant) }
  if (own.length > 0) return { text: `${no}${suggestion(name, own)}`, hint: helm(['list', '--all'], namespace) }
  const list = unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { metadataOnly: true }, signal))
  const namespaces = (await list)?.map(({ metadata }) => metadata.name)
  if (namespaces === undefined || namespaces.includes(namespace))
    return { text: `${no}, nor any other release`, hint: helm(['list', '--all-namespaces']) }
  const near = nearest(namespace, namespaces)
  const text = `there is no namespace ${namespace}${near === undefined ? '' : `; did you mean "${near}"?`}`
  return { text, hint: near === undefined ? helm(['list', '--all-namespaces']) : again('-n', near) }
}

/** Undefined: in all. What may not be listed is not there. */
async function releasesIn(
  namespace: string | undefined,
  cluster: ReleaseCluster,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly namespace: string }[]> {
  const options = { labelSelector: 'owner=helm', metadataOnly: true, ...(namespace === undefined ? {} : { namespace }) }
  const secrets = (await unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Secret' }, options, signal))) ?? []
  const found = secrets.map(({ metadata }) => ({
    name: metadata.labels?.['name'] ?? '',
    namespace: metadata.namespace ?? '',
  }))
  const byPlace = new Map(found.map((one) => [`${one.namespace}/${one.name}`, one]))
  return [...byPlace.values()].sort(
    (one, other) => one.namespace.localeCompare(other.namespace) || one.name.localeCompare(other.name),
  )
}
