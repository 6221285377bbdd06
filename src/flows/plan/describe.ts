import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import { sourceName } from '../../domain/backup/model.ts'
import { isPartial } from '../../domain/config/select.ts'
import { shownSource } from '../../domain/notify/audience.ts'
import { newestWritten } from '../../domain/helm/history.ts'
import { keyOf, nameOf } from '../../domain/kube.ts'
import {
  PLAN_VERSION,
  plannedObject,
  plannedRoom,
  type PlanDocument,
  type PlannedDefinition,
  type PlannedRelease,
} from '../../domain/plan/document.ts'
import { touched } from '../../domain/plan/objects.ts'
import { roomFree, roomNeeded } from '../../domain/plan/room.ts'
import type { NamespaceFacts } from '../phases/observed.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { leftOutNames } from '../observe/left-out.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects, schemaOf } from './assess.ts'
import { rollbackFeasibilityOf, unknownOf } from './rollback-feasibility.ts'
import { hooksOf } from '../desire/hooks.ts'
import { unrecorded } from './manifest.ts'

/** All that the steps have found, as one document: what the screen, the question, `-o json` and a saved plan show. */
export async function describePlan(
  context: Planned,
  { clock, signal }: Pick<DeployPorts, 'clock' | 'signal'>,
  definitions: readonly PlannedDefinition[] = [],
): Promise<PlanDocument> {
  const { project, cluster, liveEntry, releases, secretPlans, restarts, unchanged, notChecked, warnings, losses } =
    context
  const { environment } = project
  return {
    apiVersion: 'forge/v1',
    kind: 'Plan',
    version: PLAN_VERSION,
    project: project.name,
    environment: environment.name,
    namespace: environment.namespace,
    cluster: environment.cluster.sandbox ? 'sandbox (simulated)' : cluster.context,
    createdAt: new Date(clock.now()).toISOString(),
    live: liveOf(liveEntry),
    ...unknownIn(context),
    ...(isNew(context.facts.namespaces[0]) ? { newNamespace: true as const } : {}),
    ...(environment.managedBy === undefined ? {} : { managedBy: environment.managedBy }),
    drift: environment.drift.policy,
    ...takingOf(context),
    unchanged,
    releases: releases.map((work) => plannedRelease(work, context)),
    ...(!isPartial(project) ? {} : { leftOut: leftOutNames(context) }),
    ...(context.migration === undefined ? {} : { migration: context.migration.rows }),
    objects: releases.flatMap(({ plans }) => plans).map(plannedObject),
    secrets: secretPlans.map(({ name, action, changedKeys, revisionBefore, revision }) => ({
      name,
      action,
      keys: changedKeys,
      revisionBefore: revisionBefore ?? null,
      revision,
    })),
    restarts: restarts.map(({ workload, because }) => ({ workload, because })),
    left: context.left.map(({ workload, what, because }) => ({ workload, what, because })),
    definitions,
    waits: unchanged
      ? []
      : context.awaited.map(({ by, secret, namespace, key = null, makers }) => {
          return { workloads: by, secret, namespace, key, makers }
        }),
    jobs: unchanged ? [] : releases.flatMap(jobsOf),
    images: context.imageNotes,
    room: unchanged ? null : await roomOf(context, signal),
    back: context.back ?? (await rollbackFeasibilityOf(context, { signal })),
    losses: losses.losses,
    unknownLosses: losses.unknown,
    ...backupsOf(context),
    ...tellsOf(project),
    notChecked,
    warnings,
  }
}

function liveOf(entry: Planned['liveEntry']): PlanDocument['live'] {
  if (entry === undefined) return null
  return { number: entry.number, state: entry.state, at: entry.endedAt ?? entry.startedAt, by: entry.by }
}

function unknownIn(context: Planned): Pick<PlanDocument, 'unknown' | 'lacksRights'> {
  const unknown = unknownOf(context)
  if (unknown === undefined) return {}
  return { unknown, ...(context.lacksRights === true || context.unknown === undefined ? { lacksRights: true } : {}) }
}

/** Whoever may not look does not know. */
function isNew({ object, isHidden }: NamespaceFacts): boolean {
  return object === undefined && isHidden !== true
}

function tellsOf({ notify = [], dir }: Planned['project']): Pick<PlanDocument, 'tells'> {
  const shown = (file: string): string => relativeTo(dir, absolutePath(dir, file))
  const tells = notify.map((notice) => ({ webhook: shownSource(notice, shown), on: notice.on }))
  return tells.length === 0 ? {} : { tells }
}

function backupsOf({ backups = [] }: Planned): Pick<PlanDocument, 'backups'> {
  const planned = backups.map(({ spec, stages, jobs, standing }) => {
    const run = 'run' in standing ? standing.run : undefined
    return {
      name: spec.name,
      from: sourceName(spec),
      before: stages,
      jobs,
      state: standing.state,
      object: run === undefined ? null : nameOf(run.ref),
      at: run === undefined ? null : new Date(run.beganAt).toISOString(),
      why: 'why' in standing ? standing.why : null,
    }
  })
  return planned.length === 0 ? {} : { backups: planned }
}

function takingOf({ options }: Planned): Pick<PlanDocument, 'taking'> {
  const taking = [
    ...(options.adopt === true ? (['--adopt'] as const) : []),
    ...(options.overwriteDrift === true ? (['--overwrite-drift'] as const) : []),
  ]
  return taking.length === 0 ? {} : { taking }
}

function plannedRelease(work: ReleasePlan, context: Planned): PlannedRelease {
  const { release, history, way, volatile, plans, checkouts = [] } = work
  const moving = new Set(touched(plans).map(({ ref }) => nameOf(ref)))
  return {
    name: release.name,
    revision: newestWritten(history)?.revision ?? null,
    way,
    recordBytes: context.recordBytes.get(release.name) ?? 0,
    volatile: volatile.map(({ object }) => object),
    varies: volatile.map(({ object, at }) => ({ object, at: at ?? null, stays: release.ignoreVolatile })),
    // A revision that is about to be written for the first time is behind on nothing.
    unrecorded:
      context.policy.act.isForward && history[0]?.unwritten !== true
        ? unrecorded(work, context).filter((name) => !moving.has(name))
        : [],
    schema: schemaOf(work, context),
    ...(checkouts.length === 0 ? {} : { checkouts }),
  }
}

/** Jobs that run in this deploy: new ones, those made again, and hooks of the events that come. */
function jobsOf(work: ReleasePlan): { name: string; why: string }[] {
  const { plans, release } = work
  const made = touched(plans).filter(
    ({ ref, action }) => ref.kind === 'Job' && (action === 'create' || action === 'replace'),
  )
  const hooks = hooksOf(work).filter(({ object }) => object.kind === 'Job')
  return [
    ...made.map(({ ref, action, because }) => ({
      name: ref.name,
      why: because ?? (action === 'create' ? 'new' : 'made again'),
    })),
    ...hooks.map(({ object, hook }) => ({
      name: object.metadata.name,
      why: `hook of ${release.name}: ${hook.events.join(', ')}`,
    })),
  ]
}

async function roomOf(context: Planned, signal: AbortSignal): Promise<PlanDocument['room']> {
  const { cluster, facts, releases, live } = context
  const rendered = new Map(renderedObjects(context).map((object) => [keyOf(object), object]))
  const needs = roomNeeded(
    releases.flatMap(({ plans }) => plans),
    rendered,
    live,
  )
  if (needs.cpu === 0 && needs.memory === 0) return null
  const pods =
    facts.nodes === undefined
      ? undefined
      : await unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Pod' }, {}, signal))
  const free = facts.nodes === undefined || pods === undefined ? undefined : roomFree(facts.nodes, pods)
  return plannedRoom({ needs, free })
}
