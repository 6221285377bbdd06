import { keyOf } from '../../domain/kube.ts'
import { touched } from '../../domain/plan/objects.ts'
import { recordedOtherwise } from '../../domain/plan/recorded.ts'
import { planLeft, planRestarts } from '../../domain/plan/restarts.ts'
import { counted } from '../../domain/screen/counted.ts'
import { withEndedJobs } from '../../domain/stages/ended.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { DeployContext, DeployPorts, ReleaseWork } from '../deploy/context.ts'
import { inspectRecord, recordedIn } from '../deploy/release-records.ts'
import { stillRuns, waitForJobs, waitThen } from '../deploy/pending-jobs.ts'
import { lookAround } from '../deploy/hidden.ts'
import { readLive } from '../deploy/live.ts'
import { assessReleases, renderedObjects } from '../plan/assess.ts'
import { planBackOf } from '../plan/back.ts'
import { stageHooks } from '../plan/hooks.ts'
import { checkCapacity, checkKinds, checkStorage } from '../plan/checks.ts'
import { checkSecrets } from '../plan/pod-secrets.ts'
import { claimsAtRisk } from '../plan/losses-back.ts'
import { planLosses } from '../plan/losses.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { checkLeftHooks } from '../plan/left-hooks.ts'
import { checkOtherUses } from '../plan/other-uses.ts'
import { concealRecorded } from '../conceal.ts'
import { checkHeld } from '../plan/paused.ts'
import { checkStillUsed } from '../plan/still-used.ts'
import { withGrownClaims } from './present.ts'
import { neededPermissions, requirePermissions } from '../steps/permissions.ts'
import type { StepReport } from '../steps/step.ts'

/**
 * A release on its way back: what it shall be is the manifest of the revision that it goes back to. What a rollback of
 * this rollback would bring back is the newest revision, whatever became of it.
 */
export function workBack(work: ReleaseWork, target: ReleaseRecord, context: DeployContext): ReleaseWork {
  const [before] = work.history
  const { namespace } = work.release
  const { rendered, hooks, unread } = inspectRecord(target, namespace, context.facts.resources)
  if (unread !== undefined) throw unreadTarget(unread, context)
  const way = context.charts.major >= 4 && target.applyMethod === 'apply' ? 'apply' : 'patch'
  return {
    ...work,
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

function unreadTarget(unread: string, { target, project }: DeployContext): ForgeError {
  return new ForgeError('E_RECORD_UNREADABLE', `#${target?.number ?? '?'} cannot be gone back to: ${unread}`, {
    hint: forge('history', '--env', project.environment.name),
    where: `#${target?.number ?? '?'}`,
  })
}

/** Step 3: what going back would change, and whether it can. Nothing is written. */
export async function previewReturn(context: DeployContext, ports: DeployPorts, report: StepReport): Promise<string> {
  context.live = await readLive(context, ports)
  concealRecorded(context, ports)
  context.works = context.works.map((work) => withGrownClaims(work, context))
  await waitForLeaving(context, ports, report)
  const objects = renderedObjects(context)
  const { facts, project, options } = context
  if (options.planOnly !== true) requirePermissions(neededPermissions(objects, facts))
  context.stages = await lookAround(planStages(project, objects, stageHooks(context.works)), context, ports)
  if (options.planOnly !== true) await waitForMigrations(context, ports, report)
  checkKinds(context, objects)
  checkCapacity(context, objects)
  await checkSecrets(context, objects, ports)
  await checkStorage(context, objects, ports)
  await assessReleases(context, ports)
  checkStillUsed(context, objects)
  await checkOtherUses(context, ports.signal)
  context.losses = await planLosses(context, ports.signal)
  context.atRisk = await claimsAtRisk(context, ports.signal)
  const rendered = new Map(objects.map((object) => [keyOf(object), object]))
  const secretKeys = new Map(context.secretPlans.map(({ name, changedKeys }) => [name, changedKeys]))
  const templates = {
    plans: context.works.flatMap(({ plans }) => plans),
    rendered,
    live: context.live,
    secretKeys,
    home: project.environment.namespace,
  }
  context.restarts = planRestarts(templates)
  context.left = planLeft(templates)
  checkHeld(context, rendered, ports)
  context.unchanged = isUnchanged(context)
  if (context.unchanged) context.stages = withEndedJobs(context.stages, context.live)
  else checkLeftHooks(context)
  context.back = await planBackOf(context, ports)
  return summary(context)
}

/** A migration that runs is not cut off in its middle: the rollback waits for it, or does not begin. */
async function waitForMigrations(context: DeployContext, ports: DeployPorts, report: StepReport): Promise<void> {
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

function isUnchanged({ works, secretPlans }: DeployContext): boolean {
  const same = works.every(
    ({ history, plans, rendered, previous: recorded }) =>
      history[0]?.status === 'deployed' &&
      touched(plans).length === 0 &&
      recordedOtherwise({ rendered: rendered.filter(({ hook }) => hook === undefined), recorded, kept: {} }).length ===
        0,
  )
  return same && secretPlans.every(({ object }) => object === undefined)
}

function summary({ works, secretPlans, restarts, unchanged }: DeployContext): string {
  if (unchanged) return 'no changes'
  const changes =
    works.flatMap(({ plans }) => touched(plans)).length +
    secretPlans.filter(({ object }) => object !== undefined).length
  return `${counted(changes, 'change')}, ${counted(restarts.length, 'restart')}`
}
