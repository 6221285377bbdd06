import { isPartial } from '../../domain/config/select.ts'
import { keyOf, nameOf } from '../../domain/kube.ts'
import { heldConflicts } from '../../domain/plan/conflicts.ts'
import type { RollbackFeasibility } from '../../domain/plan/rollback-feasibility.ts'
import { overwrittenDrift } from '../../domain/plan/document.ts'
import { touched } from '../../domain/plan/objects.ts'
import { namesToSpare } from '../../domain/redact/names.ts'
import { counted } from '../../domain/screen/counted.ts'
import { shortField } from '../../domain/screen/plan-fields.ts'
import { concealing, concealRecorded } from '../conceal.ts'
import { refuseTwice } from '../../domain/plan/twice.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Configured, Desired, Rendering, Resolved } from '../phases/desired.ts'
import type { Found } from '../phases/phases.ts'
import type { Assessed, Compared, Foreseen, Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { lookAround } from '../observe/hidden.ts'
import { allInOrder } from '../all-in-order.ts'
import { warnOfLeftConsumers } from '../observe/left-out.ts'
import { readLive } from '../observe/live.ts'
import { renderReleases } from '../desire/render.ts'
import { replayReleases } from '../desire/replay.ts'
import { checkPlannedNames } from '../desire/planned-names.ts'
import { assess, renderedObjects } from './assess.ts'
import { rollbackFeasibilityOf } from './rollback-feasibility.ts'
import { checkCapacity, checkImages, checkKinds, checkStorage, recordSizes } from './checks.ts'
import { checkSecrets } from './pod-secrets.ts'
import { unrecorded } from './manifest.ts'
import { consequences } from './consequences.ts'
import { checkDefinitions } from './definitions.ts'
import { checkHooks, hooksOf, stageHooks } from '../desire/hooks.ts'
import { waitForLeaving } from './leaving.ts'
import { checkOtherNamespaces } from './other-namespaces.ts'
import { checkOwnNamespace } from './own-namespace.ts'
import { markConsumers } from '../desire/restart-marks.ts'
import { checkSaved } from './saved.ts'
import { checkSchemas } from './schema-gate.ts'
import { checkValues } from '../desire/secret-values.ts'
import { neededPermissions, requirePermissions } from '../observe/permissions.ts'
import type { StepReport } from '../step.ts'

/** Step 5 of a deploy: what the project says is rendered, and compared with what is there. Nothing is written. */
export async function planDeploy(
  configured: Configured,
  ports: DeployPorts,
  report?: Pick<StepReport, 'detail'>,
): Promise<Found<Planned>> {
  checkValues(configured, ports)
  const rendering = await renderConcealing(configured, ports)
  refuseTwice(rendering.works.map(({ release: { name }, rendered }) => ({ name, rendered })))
  await checkPlannedNames(rendering, ports)
  const desired = await markConsumers(rendering, ports)
  return await planDesired(desired, !isPartial(desired.project), ports, report)
}

/** The same of secrets alone: every release as it runs, with new revisions of the secrets in its pod templates. */
export async function planReplay(
  resolved: Resolved,
  ports: DeployPorts,
  report: Pick<StepReport, 'detail'>,
): Promise<Found<Planned>> {
  return await planDesired(await replayReleases(resolved, ports), false, ports, report)
}

/** `isWhole`: every stage of forge.yaml must have workloads. */
async function planDesired(
  desired: Desired,
  isWhole: boolean,
  ports: DeployPorts,
  report?: Pick<StepReport, 'detail'>,
): Promise<Found<Planned>> {
  checkSchemas(desired)
  const found = { ...desired, live: await readLive(desired, ports) }
  concealRecorded(found, ports)
  checkOwnNamespace(found)
  const compared: Compared = { ...found, live: await waitForLeaving(found, ports, report) }
  const { project, facts, works, options } = compared
  const objects = renderedObjects(compared)
  const planOnly = options.planOnly === true
  if (!planOnly) requirePermissions(neededPermissions(objects, facts))
  const hooks = stageHooks(works)
  const stages = planStages(isWhole ? project : presentStages(project, [...objects, ...hooks.all]), objects, hooks)
  const watched = await lookAround(stages, compared, ports)
  checkKinds(compared, objects)
  checkImages([...objects, ...works.flatMap(hooksOf).map(({ object }) => object)])
  checkCapacity(compared, objects)
  checkHooks(compared)
  const [awaited, , sizes, , , assessed] = await allInOrder([
    checkSecrets(compared, objects, ports),
    checkStorage(compared, objects, ports),
    recordSizes(compared, ports),
    checkOtherNamespaces(compared, ports),
    checkDefinitions(compared, ports),
    assess(compared, ports),
  ])
  const weighed = assessed.works.map((work) => ({ ...work, recordBytes: sizes.get(work.release.name) ?? 0 }))
  const planned = await consequences({ ...assessed, ...watched, works: weighed, awaited }, isUnchanged, ports)
  warnOfLeftConsumers(planned)
  await checkSaved(planned)
  if (!planOnly) refuseDrift(planned)
  const back = await rollbackFeasibilityOf(planned, ports)
  return { value: { ...planned, back }, said: summary(planned, back) }
}

async function renderConcealing(configured: Configured, ports: DeployPorts): Promise<Rendering> {
  const given = configured.works.map(({ configuration }) => configuration)
  return await concealing(given, ports.redactor, async () => {
    const rendering = await renderReleases(configured, ports)
    const objects = rendering.works.flatMap(({ rendered }) => rendered.map(({ object }) => object))
    ports.redactor.spare(namesToSpare(objects))
    return { found: rendering, objects }
  })
}

/** The render is what helm's record says, nothing has moved from it, and no secret changes (docs/design.md, "Unchanged"). */
function isUnchanged(context: Assessed): boolean {
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
export function refuseDrift({ works, project, options }: Pick<Assessed, 'works' | 'project' | 'options'>): void {
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

function summary(context: Foreseen, { possible, rows }: RollbackFeasibility): string {
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
