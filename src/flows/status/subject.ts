import type { Hidden } from '../phases/planned.ts'
import type { Project } from '../../domain/config/model.ts'
import { lastReadable } from '../../domain/helm/record.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { knownComponents } from '../../domain/journal/project.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { holderOf } from '../../domain/lease/lease.ts'
import type { LockHolder } from '../../domain/lease/model.ts'
import { readRecord, unreadText } from '../../domain/manifest/record.ts'
import type { Target } from '../../domain/readiness/model.ts'
import { planStages, select, type StageTarget, type StageTargets } from '../../domain/stages/stages.ts'
import type { Holdings } from '../../domain/status/behind.ts'
import type { ClusterReader, ReleaseStore } from '../../ports.ts'
import { hiddenNamespaces } from '../observe/hidden.ts'
import { readNamed, type Named } from '../observe/named.ts'
import { unreadEntries } from '../state/journal.ts'
import { heldHomes, type HeldPorts } from '../vault/held.ts'
import { missingNamespace } from '../state/missing-namespace.ts'
import { readLease } from '../state/lease.ts'
import type { OpenScope, ScopeCluster } from '../state/scope.ts'

export type SubjectCluster = ScopeCluster & ReleaseStore & Pick<ClusterReader, 'get' | 'list' | 'resources' | 'rules'>

/** What is looked at: the workloads of the releases as they are installed, in the stages of the deploy that runs. */
export interface Subject {
  readonly stages: readonly StageTargets[]
  /** Releases of which helm has no record, and objects that a stage names and that are not there. */
  readonly missing: readonly string[]
  readonly holder: LockHolder | undefined
  readonly held: Holdings
  /** What helm applied last. */
  readonly installed: readonly KubeObject[]
  /** Other namespaces that may not be looked at, each with what one may not do there. */
  readonly hidden: Hidden
  /** Records and entries of the journal that cannot be read: what they say is unknown. */
  readonly unread: readonly string[]
  /** `namespace shpo does not exist`: of one in which nothing was found. */
  readonly absent?: string | undefined
}

export async function readSubject(
  { project, namespace, checkout, connected: { cluster }, journal }: OpenScope<{ readonly cluster: SubjectCluster }>,
  signal: AbortSignal,
  ports: HeldPorts,
): Promise<Subject> {
  const entry = journal.live ?? journal.entries[0]
  const releases = entry?.releases ?? checkout?.releases ?? []
  const [records, lease, secrets, configMaps] = await Promise.all([
    Promise.all(releases.map(async (release) => await cluster.history(release.name, release.namespace, signal))),
    readLease({ cluster, project, namespace }, signal),
    cluster.list(
      { apiVersion: 'v1', kind: 'Secret' },
      { namespace, labelSelector: `forge.api-forge.io/project=${project}`, metadataOnly: true },
      signal,
    ),
    cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace }, signal),
  ])
  const read = records.flatMap((history, at) => installedRecords(history, releases[at]?.namespace ?? namespace))
  const recorded = read.flatMap(({ rendered }) => rendered.map(({ object }) => object))
  const isUnrecorded = (name: string): boolean =>
    checkout?.environment.managedBy !== undefined &&
    checkout.releases.some((release) => release.name === name && release.plain !== undefined)
  const beside = await besideHelm(checkout, recorded, { namespace, cluster }, signal)
  const objects = [...recorded, ...beside.found]
  const stages = stagesOf(entry, checkout, objects)
  const targets = stages.flatMap((stage) => stage.targets)
  return {
    stages,
    installed: objects,
    missing: [
      ...releases.filter(({ name }, at) => !isInstalled(records[at]) && !isUnrecorded(name)).map(({ name }) => name),
      ...beside.lacking,
    ],
    hidden: await hiddenNamespaces(targets, namespace, cluster, signal),
    holder: holderOf(lease),
    held: {
      secrets: byName(secrets),
      configMaps: byName(configMaps),
      renderedMaps: byName(objects.filter(({ kind }) => kind === 'ConfigMap')),
      homes: await heldHomes(checkout, objects, ports),
    },
    absent: entry === undefined ? await missingNamespace(namespace, cluster, signal) : undefined,
    unread: [...read.flatMap(({ unread }) => unread ?? []), ...unreadEntries(journal)],
  }
}

/** Flux and Argo CD apply plain objects without helm. What must be there by a stage is looked for by its name. */
async function besideHelm(
  checkout: Project | undefined,
  recorded: readonly KubeObject[],
  looking: Parameters<typeof readNamed>[1],
  signal: AbortSignal,
): Promise<Named> {
  const isApplied =
    checkout?.environment.managedBy !== undefined && checkout.releases.some(({ plain }) => plain !== undefined)
  const unknown = (names: readonly string[]): string[] => names.filter((name) => select(name, recorded).length === 0)
  const stages = isApplied ? checkout.stages : []
  const wanted = unknown(stages.flatMap(({ wait }) => wait))
  const { found, lacking } = await readNamed(
    [...wanted, ...unknown(stages.flatMap(({ optional }) => optional))],
    looking,
    signal,
  )
  return { found, lacking: lacking.filter((name) => wanted.includes(name)) }
}

/** `helm uninstall --keep-history` leaves a record that says so. */
function isInstalled([newest]: readonly ReleaseRecord[] = []): boolean {
  return newest !== undefined && newest.status !== 'uninstalled'
}

export function installedObjects(history: readonly ReleaseRecord[], namespace: string): KubeObject[] {
  return installedRecords(history, namespace).flatMap(({ rendered }) => rendered.map(({ object }) => object))
}

/** What helm applied last, hooks excluded. Workloads and ConfigMaps, which is all that is looked at, have a namespace. */
function installedRecords(history: readonly ReleaseRecord[], namespace: string): ReturnType<typeof readRecord>[] {
  const [newest] = history
  const record = lastReadable(history) ?? newest
  const read = record === undefined ? [] : [readRecord(record, namespace, () => true)]
  const fault = newest === record ? undefined : newest?.fault
  return newest === undefined || fault === undefined
    ? read
    : [...read, { rendered: [], unread: unreadText(newest, fault) }]
}

/** Nothing is demanded here: what a stage waits for may have gone with a release that somebody took away. */
function stagesOf(
  entry: JournalEntry | undefined,
  checkout: Project | undefined,
  objects: readonly KubeObject[],
): readonly StageTargets[] {
  const stages = (entry?.configuration.stages ?? checkout?.stages ?? []).map((stage) => {
    return { ...stage, wait: [], optional: [...stage.wait, ...stage.optional] }
  })
  const ending = new Set(objects.filter(vanishes).map(({ metadata }) => metadata.name))
  return planStages({ stages, file: '', components: knownComponents(checkout, entry) }, objects).map((stage) => ({
    ...stage,
    targets: stage.targets.map((target) => (target.kind === 'Job' && ending.has(target.name) ? gone(target) : target)),
  }))
}

/** A Job that is deleted some time after its end is done when it is gone. */
function vanishes({ kind, spec }: KubeObject): boolean {
  return (
    kind === 'Job' && (spec as { ttlSecondsAfterFinished?: number } | undefined)?.ttlSecondsAfterFinished !== undefined
  )
}

function gone(target: StageTarget): StageTarget & Pick<Target, 'vanishes'> {
  return { ...target, vanishes: true }
}

function byName(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [object.metadata.name, object]))
}
