import { isPartial } from '../../domain/config/select.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { heldConflicts } from '../../domain/plan/conflicts.ts'
import type { Back } from '../../domain/plan/back.ts'
import { overwrittenDrift } from '../../domain/plan/document.ts'
import { touched } from '../../domain/plan/objects.ts'
import { planLeft, planRestarts } from '../../domain/plan/restarts.ts'
import { namesToSpare } from '../../domain/redact/names.ts'
import { counted } from '../../domain/screen/counted.ts'
import { shortField } from '../../domain/screen/plan-fields.ts'
import { concealing, concealRecorded } from '../conceal.ts'
import { refuseTwice } from '../../domain/plan/twice.ts'
import { withEndedJobs } from '../../domain/stages/ended.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'
import { lookAround } from '../deploy/hidden.ts'
import { allInOrder } from '../all-in-order.ts'
import { warnOfLeftConsumers } from '../deploy/left-out.ts'
import { readLive } from '../deploy/live.ts'
import { renderReleases } from '../deploy/render.ts'
import { replayReleases } from '../deploy/replay.ts'
import { checkPlannedNames } from './planned-names.ts'
import { assessReleases, renderedObjects } from '../plan/assess.ts'
import { planBackOf } from '../plan/back.ts'
import { checkCapacity, checkImages, checkKinds, checkRecords, checkStorage } from '../plan/checks.ts'
import { checkSecrets } from '../plan/pod-secrets.ts'
import { unrecorded } from '../plan/manifest.ts'
import { checkDefinitions, leftDefinitions } from '../plan/definitions.ts'
import { checkHooks, hooksOf, stageHooks } from '../plan/hooks.ts'
import { claimsAtRisk } from '../plan/losses-back.ts'
import { planLosses } from '../plan/losses.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { checkLeftHooks } from '../plan/left-hooks.ts'
import { checkOtherNamespaces } from '../plan/other-namespaces.ts'
import { checkOwnNamespace } from '../plan/own-namespace.ts'
import { checkHeld } from '../plan/paused.ts'
import { markConsumers } from '../plan/restart-marks.ts'
import { checkSaved } from '../plan/saved.ts'
import { checkSchemas } from '../plan/schema-gate.ts'
import { checkValues } from '../plan/secret-values.ts'
import { checkOtherUses } from '../plan/other-uses.ts'
import { checkStillUsed } from '../plan/still-used.ts'
import { neededPermissions, requirePermissions } from './permissions.ts'
import type { StepReport } from './step.ts'

/** Step 5: what the deploy would do, and whether it can. Nothing is written. */
export async function previewChanges(
  context: DeployContext,
  ports: DeployPorts,
  report?: Pick<StepReport, 'detail'>,
): Promise<string> {
  if (context.options.secretsOnly === undefined) {
    checkValues(context, ports)
    await renderConcealing(context, ports)
    refuseTwice(context.works.map(({ release: { name }, rendered }) => ({ name, rendered })))
    await checkPlannedNames(context, ports)
    await markConsumers(context, ports)
  } else await replayReleases(context, ports)
  checkSchemas(context)
  context.live = await readLive(context, ports)
  concealRecorded(context, ports)
  checkOwnNamespace(context)
  await waitForLeaving(context, ports, report)
  const objects = renderedObjects(context)
  const { planOnly } = context.options
  if (planOnly !== true) requirePermissions(neededPermissions(objects, context.facts))
  const { project } = context
  const hooks = stageHooks(context.works)
  const isWhole = context.options.secretsOnly === undefined && !isPartial(project)
  const stages = planStages(isWhole ? project : presentStages(project, [...objects, ...hooks.all]), objects, hooks)
  context.stages = await lookAround(stages, context, ports)
  checkKinds(context, objects)
  checkImages([...objects, ...context.works.flatMap(hooksOf).map(({ object }) => object)])
  checkCapacity(context, objects)
  checkHooks(context)
  await allInOrder([
    checkSecrets(context, objects, ports),
    checkStorage(context, objects, ports),
    checkRecords(context, ports),
    checkOtherNamespaces(context, ports),
    checkDefinitions(context, ports),
    assessReleases(context, ports),
  ])
  context.leftDefinitions = await leftDefinitions(context, ports)
  checkStillUsed(context, objects)
  await checkOtherUses(context, ports.signal)
  context.losses = await planLosses(context, ports.signal)
  context.atRisk = await claimsAtRisk(context, ports.signal)
  const rendered = byKey(objects)
  const plans = context.works.flatMap((work) => work.plans)
  const home = project.environment.namespace
  const templates = { plans, rendered, live: context.live, secretKeys: changedKeys(context), home }
  context.restarts = planRestarts(templates)
  context.left = planLeft(templates)
  checkHeld(context, rendered, ports)
  warnOfLeftConsumers(context)
  context.unchanged = isUnchanged(context)
  if (context.unchanged) context.stages = withEndedJobs(context.stages, context.live)
  else checkLeftHooks(context)
  await checkSaved(context)
  if (planOnly !== true) refuseDrift(context)
  context.back = await planBackOf(context, ports)
  return summary(context, context.back)
}

async function renderConcealing(context: DeployContext, ports: DeployPorts): Promise<void> {
  const given = context.works.map(({ configuration }) => configuration)
  await concealing(given, ports.redactor, async () => {
    await renderReleases(context, ports)
    const objects = context.works.flatMap(({ rendered }) => rendered.map(({ object }) => object))
    ports.redactor.spare(namesToSpare(objects))
    return objects
  })
}

function byKey(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]))
}

function changedKeys({ secretPlans }: DeployContext): Map<string, readonly string[]> {
  return new Map(secretPlans.map(({ name, changedKeys: keys }) => [name, keys]))
}

/** The render is what helm's record says, nothing has moved from it, and no secret changes (docs/design.md, "Unchanged"). */
function isUnchanged(context: DeployContext): boolean {
  const { works, secretPlans, adopted } = context
  // Whose a release is now has to be written down.
  if (adopted.length > 0) return false
  const same = works.every(
    (work) =>
      work.history[0]?.status === 'deployed' &&
      touched(work.plans).length === 0 &&
      unrecorded(work, context).length === 0,
  )
  return same && secretPlans.every(({ action }) => action === 'unchanged' || action === 'keep')
}

/**
 * With the policy `refuse` nobody's change is taken back without a word. helm 4 would fail on it in the middle of the
 * upgrade and helm 3 would overwrite it in silence; forge ends the same with both.
 */
export function refuseDrift({ works, project, options }: Pick<DeployContext, 'works' | 'project' | 'options'>): void {
  const { name, drift, at } = project.environment
  if (drift.policy === 'overwrite' || options.overwriteDrift === true) return
  const plans = works.flatMap((work) => work.plans)
  const drifted = overwrittenDrift(plans).map(({ plan, field: { path, manager } }) => ({ plan, path, manager }))
  const known = new Set(drifted.map(({ plan, path }) => `${keyOf(plan.ref)} ${path}`))
  const held = heldConflicts(plans)
    .map(({ plan, conflict: { field, manager } }) => ({ plan, path: field, manager }))
    .filter(({ plan, path }) => !known.has(`${keyOf(plan.ref)} ${path}`))
  const [first] = [...drifted, ...held]
  if (first === undefined) return
  const others = drifted.length + held.length - 1
  const more = others === 0 ? '' : ` (and ${counted(others, 'more field')})`
  const field = `${nameOf(first.plan.ref)} ${shortField(first.path)}`
  throw new ForgeError(
    drifted.length > 0 ? 'E_DRIFT' : 'E_FIELD_HELD',
    drifted.length > 0
      ? `${field} was changed by ${first.manager} since the last deploy${more}; this deploy would take that back`
      : `${field} belongs to ${first.manager}${more}; this deploy would take it over, and the two would go on fighting`,
    {
      hint: forge('plan', '--env', name),
      where: `${at.file}:${at.line}`,
      problems: [...drifted, ...held].map((one) => ({
        message: `${nameOf(one.plan.ref)} ${one.path}, by ${one.manager}`,
      })),
    },
  )
}

function summary(context: DeployContext, { possible, rows }: Back): string {
  const { works, restarts, unchanged, secretPlans } = context
  if (unchanged) return 'no changes'
  const plans = works.flatMap((work) => touched(work.plans))
  const first = works.every(({ before }) => before === undefined)
  const secrets = secretPlans.filter(({ action }) => action === 'create' || action === 'change').length
  if (first) return `first install: ${counted(plans.length, 'object')}, ${counted(secrets, 'secret')}`
  const changes = counted(plans.length + secrets, 'change')
  const back = possible === 'until-schema' ? 'until the schema Job runs' : (rows[0] ?? possible)
  return `${changes}, ${counted(restarts.length, 'restart')}, rollback possible: ${back}`
}
