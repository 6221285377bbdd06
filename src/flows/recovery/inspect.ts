import { ownObjects } from '../../domain/manifest/hooks.ts'
import { hasBegun, hasCompleted } from '../../domain/plan/jobs.ts'
import { ownReleases } from '../../domain/journal/left-out.ts'
import { hasWritten, isTakenBack } from '../../domain/definitions/written.ts'
import type { JournalDefinition, JournalEntry, JournalRelease, JournalTake } from '../../domain/journal/model.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { canRead, type SchemaVersion } from '../../domain/journal/schema.ts'
import { liveRevision } from '../../domain/journal/secret-revision.ts'
import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { isComplete, standOf } from '../../domain/recovery/decide.ts'
import type { ForeignPending, RecoveryFacts, ReleaseFacts } from '../../domain/recovery/model.ts'
import { isMoveRecord } from '../../domain/plan/take-over.ts'
import { placedStages, planStages, presentStages, type StageTargets } from '../../domain/stages/stages.ts'
import type { ReleaseRecord } from '../../ports.ts'
import { hiddenNamespaces, seenStages } from '../observe/hidden.ts'
import { inspectRecord } from '../observe/release-records.ts'
import { readLive } from '../observe/live.ts'
import { underWatch } from '../prove/under-watch.ts'
import type { Journal } from '../state/journal.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'

/** One release with what it was and what the interrupted deploy made of it. */
export interface InspectedRelease extends ReleaseFacts {
  readonly namespace: string
  readonly history: readonly ReleaseRecord[]
  readonly base: ReleaseRecord | undefined
  /** What the interrupted deploy applied; what helm made after it, on its way back, says nothing of that. */
  readonly applied: ReleaseRecord | undefined
  /** helm cannot read a record of it, because a version of an API is not served any more. */
  readonly outdated: boolean
  /** Which records cannot be read at all, and why. */
  readonly unread: readonly string[]
  /** Its newest revision before that deploy; 0: it had none. */
  readonly since: number
  /** What that deploy took over for it. */
  readonly takes: readonly JournalTake[]
  /** See JournalRelease. */
  readonly counts: Readonly<Record<string, number>>
  readonly previous: readonly Rendered[]
  readonly rendered: readonly Rendered[]
  readonly live: ReadonlyMap<string, KubeObject>
  /** Those of `runningJobs`, hooks among them. */
  readonly jobs: readonly Rendered[]
  /** What the interrupted revision has made of its database. */
  readonly database?: SchemaVersion
}

export interface Inspected extends RecoveryFacts {
  readonly releases: readonly InspectedRelease[]
}

/** A verdict that needs time (pods without a probe must settle) has this long: what is ready is ready now. */
const READY_WITHIN_MS = 5_000

/** Reads all that the decision rests on. Under the lock, so that it still holds when it is acted upon. */
export async function inspect(
  entry: JournalEntry,
  journal: Journal,
  scope: RecoveryScope,
  { clock, signal }: Pick<RecoveryPorts, 'clock' | 'signal'>,
): Promise<Inspected> {
  const { cluster, namespace } = scope
  const releases = await Promise.all(
    ownReleases(entry).map(async (one) => {
      const [found, definitions] = await Promise.all([
        inspectRelease(one, scope, signal),
        writtenDefinitions(one, entry, cluster, signal),
      ])
      return {
        ...found,
        definitions,
        ...(await migrationOf(found, one, { entry, before: journal.live }, cluster, signal)),
      }
    }),
  )
  const secrets = await Promise.all(
    entry.secrets.map(async ({ name }) => {
      const number = liveRevision(await cluster.get({ ...SECRET_KIND, namespace, name }, signal))
      return number === undefined ? [] : [[name, number] as const]
    }),
  )
  const ready = isComplete(entry, releases) && (await isReady(entry, releases, scope, { clock, signal }))
  return { entry, live: journal.live?.number, releases, secrets: new Map(secrets.flat()), ready }
}

/** Of those that it began to write before helm ran; what its own rollback took back is none. */
async function writtenDefinitions(
  { definitions = [] }: JournalRelease,
  { steps }: JournalEntry,
  cluster: Pick<RecoveryScope['cluster'], 'get'>,
  signal: AbortSignal,
): Promise<readonly JournalDefinition[]> {
  const open = definitions.filter(({ ref }) => !isTakenBack(ref, steps))
  const live = await Promise.all(open.map(async ({ ref }) => await cluster.get(ref, signal)))
  return open.filter((one, at) => hasWritten(one, live[at]))
}

/** A release in the middle of something that no deploy accounts for, to be put right all the same. */
export async function inspectForeign(
  { release, namespace, revision }: ForeignPending,
  scope: RecoveryScope,
  signal: AbortSignal,
): Promise<InspectedRelease> {
  return await inspectRelease({ name: release, namespace, revisionBefore: revision }, scope, signal)
}

async function inspectRelease(
  release: JournalRelease,
  { cluster }: RecoveryScope,
  signal: AbortSignal,
): Promise<InspectedRelease> {
  const { name, namespace } = release
  const [history, resources] = await Promise.all([cluster.history(name, namespace, signal), cluster.resources(signal)])
  const found = standOf(release, history)
  const base = history.find(({ revision }) => revision === found.base?.revision)
  const parse = (record: ReleaseRecord | undefined): ReturnType<typeof inspectRecord> | undefined =>
    record === undefined ? undefined : inspectRecord(record, namespace, resources)
  const since = release.revisionBefore ?? 0
  const made = history.filter((one) => one.revision > since && !isMoveRecord(one))
  const dead = made.at(-1) ?? history[0]
  const [known, left] = [parse(base), parse(dead)]
  const [previous, rendered] = [known?.rendered ?? [], left?.rendered ?? []]
  const live = await readLive({ releases: [{ previous, rendered }], facts: { resources }, cluster }, { signal })
  const old = keys(previous)
  const jobs = rendered.filter(({ object, hook }) => isJob(object) && hook === undefined && !old.has(keyOf(object)))
  const own = [...jobs.map(({ object }) => object), ...hookJobs(dead, namespace)]
  const running = (await readJobs(own, live, cluster, signal)).filter(hasBegun)
  return {
    name,
    namespace,
    history,
    base,
    applied: dead,
    outdated: [known, left].some((one) => (one?.outdated.length ?? 0) > 0),
    unread: [known, left].flatMap((one) => one?.unread ?? []),
    since,
    takes: release.takes ?? [],
    counts: release.counts ?? {},
    previous,
    rendered,
    live,
    jobs: running.map((object) => ({ object, template: '' })),
    runningJobs: running.map(({ metadata }) => metadata.name),
    missing: previous
      .filter(({ object, hook }) => hook === undefined && !stays(live.get(keyOf(object))))
      .map(nameOfOne),
  }
}

/**
 * What the interrupted revision has made of its database, and whether the code before can read that: a Job of its own has
 * ended well or is at it, or there is none, and code that has been started migrates by itself.
 */
export async function migrationOf(
  { name, history, rendered, previous }: Pick<InspectedRelease, 'name' | 'history' | 'rendered' | 'previous'>,
  release: JournalRelease,
  { entry, before }: { readonly entry: JournalEntry; readonly before: JournalEntry | undefined },
  cluster: Pick<RecoveryScope['cluster'], 'get'>,
  signal: AbortSignal,
): Promise<Pick<InspectedRelease, 'migrated' | 'database'>> {
  const schemaIn = (from: JournalEntry | undefined): SchemaVersion | undefined =>
    from?.configuration.releases.find((one) => one.name === name)?.schema
  const schema = schemaIn(entry)
  const stand = standOf(release, history)
  if (schema === undefined || stand.kind === 'untouched' || stand.kind === 'returned') return {}
  const old = keys(previous)
  const own = ownObjects(rendered).filter((object) => isJob(object) && !old.has(keyOf(object)))
  const live = await readJobs(own, new Map(), cluster, signal)
  const may = own.length === 0 ? stand.kind === 'unproven' : live.some((job) => hasCompleted(job) || hasBegun(job))
  return may ? { database: schema, migrated: !canRead(schemaIn(before), schema) } : {}
}

/** A helm that outlived its forge waits for its hooks; nothing is written while one of them runs. */
function hookJobs(record: ReleaseRecord | undefined, namespace: string): KubeObject[] {
  return (record?.hooks ?? [])
    .filter(({ kind }) => kind === 'Job')
    .map(({ name }) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace } }))
}

async function readJobs(
  jobs: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  cluster: Pick<RecoveryScope['cluster'], 'get'>,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const found = await Promise.all(
    jobs.map(async (job) => live.get(keyOf(job)) ?? (await cluster.get(refOf(job), signal))),
  )
  return found.filter((job) => job !== undefined)
}

/** With the stages of the interrupted deploy, all of which it would have waited for. */
async function isReady(
  entry: JournalEntry,
  releases: readonly InspectedRelease[],
  scope: RecoveryScope,
  { clock, signal }: Pick<RecoveryPorts, 'clock' | 'signal'>,
): Promise<boolean> {
  const objects = releases.flatMap(({ rendered }) => ownObjects(rendered))
  const live = new Set(
    releases.flatMap((one) => [...one.live].flatMap(([key, object]) => (isLeaving(object) ? [] : [key]))),
  )
  if (!objects.every((object) => live.has(keyOf(object)))) return false
  const stages = (await visibleStages(entry, objects, scope, signal)).map((stage) => {
    return { ...stage, timeoutMs: READY_WITHIN_MS }
  })
  return await underWatch(projectIn(scope), { clock }, stages, signal, async (follower) => {
    follower.released([])
    for (const { name } of stages) {
      const end = await follower.stage(name, () => undefined)
      if (end.state !== 'ready') return false
    }
    return true
  })
}

/** The stages of a deploy, over the objects of a revision that need not have all that they name. */
export function stagesOf(entry: JournalEntry | undefined, objects: readonly KubeObject[]): StageTargets[] {
  const stages = entry?.configuration.stages ?? []
  return planStages({ ...presentStages({ stages }, objects), file: 'forge.yaml' }, objects)
}

/** The same without what forge may not look at. */
export async function visibleStages(
  entry: JournalEntry | undefined,
  objects: readonly KubeObject[],
  { cluster, namespace }: Pick<RecoveryScope, 'cluster' | 'namespace'>,
  signal: AbortSignal,
): Promise<readonly StageTargets[]> {
  const stages = stagesOf(entry, objects)
  const targets = stages.flatMap((stage) => stage.targets)
  return seenStages(placedStages(stages, namespace), await hiddenNamespaces(targets, namespace, cluster, signal))
}

/** In the shape that the flows of a deploy take. */
export function projectIn({ cluster, namespace }: Pick<RecoveryScope, 'cluster' | 'namespace'>): {
  readonly cluster: RecoveryScope['cluster']
  readonly project: { readonly environment: { readonly namespace: string } }
} {
  return { cluster, project: { environment: { namespace } } }
}

function keys(rendered: readonly Rendered[]): Set<string> {
  return new Set(rendered.map(({ object }) => keyOf(object)))
}

/** What is being deleted is as good as gone. */
function stays(object: KubeObject | undefined): boolean {
  return object !== undefined && !isLeaving(object)
}

function isJob({ kind }: KubeObject): boolean {
  return kind === 'Job'
}

function nameOfOne({ object }: Rendered): string {
  return nameOf(object)
}
