import { touched } from '../../domain/plan/objects.ts'
import { recordedOtherwise } from '../../domain/plan/recorded.ts'
import { counted } from '../../domain/screen/counted.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { AS_RECORDED, type Desired, type DesiredRelease } from '../phases/desired.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import type { Assessed, Compared, Foreseen, Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { inspectRecord, recordedIn } from '../observe/release-records.ts'
import { stillRuns, waitForJobs, waitThen } from '../restore/pending-jobs.ts'
import { lookAround } from '../observe/hidden.ts'
import { readLive } from '../observe/live.ts'
import { assess, renderedObjects } from '../plan/assess.ts'
import { rollbackFeasibilityOf } from '../plan/rollback-feasibility.ts'
import { consequences } from '../plan/consequences.ts'
import { stageHooks } from '../desire/hooks.ts'
import { checkCapacity, checkKinds, checkStorage } from '../plan/checks.ts'
import { checkSecrets } from '../plan/pod-secrets.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { concealRecorded } from '../conceal.ts'
import { withGrownClaims } from './present.ts'
import { neededPermissions, requirePermissions } from '../observe/permissions.ts'
import type { StepReport } from '../step.ts'

/**
 * A release on its way back: what it shall be is the manifest of the revision that it goes back to. What a rollback of
 * this rollback would bring back is the newest revision, whatever became of it.
 */
export function workBack(work: ObservedRelease, target: ReleaseRecord, context: Observed): DesiredRelease {
  const [before] = work.history
  const { namespace } = work.release
  const { rendered, hooks, unread } = inspectRecord(target, namespace, context.facts.resources)
  if (unread !== undefined) throw unreadTarget(unread, context)
  const way = context.charts.major >= 4 && target.applyMethod === 'apply' ? 'apply' : 'patch'
  return {
    ...work,
    ...AS_RECORDED,
    before,
    target,
    way,
    values: target.config,
    manifest: target.manifest,
    // helm runs the hooks of the revision that it goes back to.
    rendered: [...rendered, ...hooks],
    ...recordedIn({ ...work, before, target }, context.facts),
  }
}

function unreadTarget(unread: string, { target, project }: Opened): ForgeError {
  return new ForgeError('E_RECORD_UNREADABLE', `#${target?.number ?? '?'} cannot be gone back to: ${unread}`, {
    hint: forge('history', '--env', project.environment.name),
    where: `#${target?.number ?? '?'}`,
  })
}

/** Step 3: what going back would change, and whether it can. Nothing is written. */
export async function planReturn(desired: Desired, ports: DeployPorts, report: StepReport): Promise<Found<Planned>> {
  const live = await readLive(desired, ports)
  concealRecorded({ ...desired, live }, ports)
  const found = { ...desired, live, works: desired.works.map((work) => withGrownClaims(work, live)) }
  const compared: Compared = { ...found, live: await waitForLeaving(found, ports, report) }
  const { facts, project, options, works } = compared
  const objects = renderedObjects(compared)
  if (options.planOnly !== true) requirePermissions(neededPermissions(objects, facts))
  const watched = await lookAround(planStages(project, objects, stageHooks(works)), compared, ports)
  if (options.planOnly !== true) await waitForMigrations(compared, ports, report)
  checkKinds(compared, objects)
  checkCapacity(compared, objects)
  const awaited = await checkSecrets(compared, objects, ports)
  await checkStorage(compared, objects, ports)
  const assessed = await assess(compared, ports)
  // helm has kept a record of it already.
  const recorded = assessed.works.map((work) => ({ ...work, recordBytes: 0 }))
  const planned = await consequences({ ...assessed, ...watched, works: recorded, awaited }, isUnchanged, ports)
  return { value: { ...planned, back: await rollbackFeasibilityOf(planned, ports) }, said: summary(planned) }
}

/** A migration that runs is not cut off in its middle: the rollback waits for it, or does not begin. */
async function waitForMigrations(context: Compared, ports: DeployPorts, report: StepReport): Promise<void> {
  const { project } = context
  const { namespace } = project.environment
  for (const { previous: leaving, rendered: to } of context.works) {
    // The Job's time is that of its stage among what runs; the target's stages may not know it.
    const present = leaving.filter(({ hook }) => hook === undefined).map(({ object }) => object)
    const scene = { ...context, stages: planStages(presentStages(project, present), present) }
    const { running } = await waitForJobs({ leaving, to }, scene, ports, report, ports.signal)
    const [first] = running
    if (first === undefined) continue
    throw new ForgeError('E_JOB_RUNNING', stillRuns(running), {
      hint: waitThen(running, namespace, context.options.again ?? again()),
      where: first,
    })
  }
}

function isUnchanged({ works, secretPlans }: Assessed): boolean {
  const same = works.every(
    ({ history, plans, rendered, previous: recorded }) =>
      history[0]?.status === 'deployed' &&
      touched(plans).length === 0 &&
      recordedOtherwise({ rendered: rendered.filter(({ hook }) => hook === undefined), recorded, kept: {} }).length ===
        0,
  )
  return same && secretPlans.every(({ object }) => object === undefined)
}

function summary({ works, secretPlans, restarts, unchanged }: Foreseen): string {
  if (unchanged) return 'no changes'
  const changes =
    works.flatMap(({ plans }) => touched(plans)).length +
    secretPlans.filter(({ object }) => object !== undefined).length
  return `${counted(changes, 'change')}, ${counted(restarts.length, 'restart')}`
}
