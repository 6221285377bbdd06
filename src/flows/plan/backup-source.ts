import { sourceName, type BackupSource } from '../../domain/backup/model.ts'
import { clusterOf } from '../../domain/backup/objects.ts'
import type { BackupSpec } from '../../domain/config/backup.ts'
import { suggestion } from '../../domain/config/nearest.ts'
import { showPosition } from '../../domain/config/position.ts'
import { nameOf, type ApiResource, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Connection } from '../phases/ports.ts'

const CNPG = 'postgresql.cnpg.io'

/** Where sources are looked for. */
export interface SourceScene {
  readonly cluster: Pick<Connection, 'get' | 'list'>
  /** The environment's first. */
  readonly namespaces: readonly string[]
  readonly resources: readonly ApiResource[]
  /** What the charts render; empty where none was. */
  readonly rendered: readonly KubeObject[]
}

export type FoundSource =
  | { readonly state: 'there'; readonly source: BackupSource }
  /** Only rendered: this deploy makes it. `what`: that which is not there yet. */
  | { readonly state: 'coming'; readonly what: string; readonly namespace: string }

/** What a backup is made from. Throws E_BACKUP_SOURCE where neither the cluster nor a chart has it. */
export async function findSource(spec: BackupSpec, scene: SourceScene, signal: AbortSignal): Promise<FoundSource> {
  const { kind, name } = spec.from
  const rendered = scene.rendered.find((one) => one.kind === kind && one.metadata.name === name)
  const found = await liveOf(versionOf(kind, scene), name, placesOf(rendered, scene), scene, signal)
  if (found === undefined && rendered === undefined) throw await nowhere(spec, scene, signal)
  const object = found ?? rendered
  if (object === undefined) throw new Error(`${sourceName(spec)} is neither live nor rendered`)
  const [home = ''] = scene.namespaces
  const { namespace = home } = object.metadata
  if (kind === 'ScheduledBackup') return await withCluster({ spec, namespace, object }, scene, signal)
  if (found === undefined) return { state: 'coming', what: sourceName(spec), namespace }
  return { state: 'there', source: { spec, namespace, object } }
}

/** The Backup is of the Cluster: where that is there, it can be saved, whether its ScheduledBackup is there yet or not. */
async function withCluster(source: BackupSource, scene: SourceScene, signal: AbortSignal): Promise<FoundSource> {
  const { object, namespace, spec } = source
  const name = clusterOf(object)
  const cluster = await liveOf(versionOf('Cluster', scene), name, [namespace], scene, signal)
  if (cluster !== undefined) return { state: 'there', source: { ...source, cluster } }
  const isComing = scene.rendered.some(
    ({ apiVersion, kind, metadata }) =>
      apiVersion.startsWith(`${CNPG}/`) && kind === 'Cluster' && metadata.name === name,
  )
  if (isComing) return { state: 'coming', what: `Cluster/${name}`, namespace }
  throw new ForgeError(
    'E_BACKUP_SOURCE',
    `backup ${spec.name} is from ${sourceName(spec)}, which saves Cluster/${name}, and neither the cluster nor a chart has that`,
    { hint: kubectl(['get', `clusters.${CNPG}`], namespace), where: showPosition(spec.at) },
  )
}

function versionOf(kind: 'ScheduledBackup' | 'CronJob' | 'Cluster', { resources }: SourceScene): KindRef | undefined {
  if (kind === 'CronJob') return { apiVersion: 'batch/v1', kind }
  const served = resources.find((one) => one.kind === kind && one.apiVersion.startsWith(`${CNPG}/`))
  return served === undefined ? undefined : { apiVersion: served.apiVersion, kind }
}

function placesOf(rendered: KubeObject | undefined, { namespaces }: SourceScene): readonly string[] {
  const own = rendered?.metadata.namespace
  return own === undefined ? namespaces : [own]
}

/** The first of these places that has it. A kind that is not served nobody has. */
async function liveOf(
  kind: KindRef | undefined,
  name: string,
  places: readonly string[],
  { cluster }: SourceScene,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  if (kind === undefined) return undefined
  for (const namespace of places) {
    const found = await cluster.get({ ...kind, namespace, name }, signal)
    if (found !== undefined) return { ...found, ...kind }
  }
  return undefined
}

async function nowhere(spec: BackupSpec, scene: SourceScene, signal: AbortSignal): Promise<ForgeError> {
  const kind = versionOf(spec.from.kind, scene)
  const [home = ''] = scene.namespaces
  const listed =
    kind === undefined ? [] : await scene.cluster.list(kind, { namespace: home, metadataOnly: true }, signal)
  const names = [
    ...scene.rendered.filter((one) => one.kind === spec.from.kind).map(nameOf),
    ...listed.map(({ metadata }) => `${spec.from.kind}/${metadata.name}`),
  ]
  const known = [...new Set(names)].sort()
  const why = kind === undefined ? `; the cluster serves no ${spec.from.kind} of CloudNativePG` : ''
  return new ForgeError(
    'E_BACKUP_SOURCE',
    `backup ${spec.name} is from ${sourceName(spec)}, which neither the cluster nor a chart has${why}${suggestion(sourceName(spec), known)}`,
    {
      hint: kubectl(
        ['get', kind === undefined ? 'crds' : spec.from.kind.toLowerCase()],
        kind === undefined ? undefined : home,
      ),
      where: showPosition(spec.at),
    },
  )
}
