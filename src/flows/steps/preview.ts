import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { overwrittenDrift } from '../../domain/plan/document.ts'
import { touched } from '../../domain/plan/objects.ts'
import { planRestarts } from '../../domain/plan/restarts.ts'
import { counted } from '../../domain/screen/counted.ts'
import { shortField } from '../../domain/screen/plan-fields.ts'
import { planStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import type { DeployContext, DeployPorts, ReleaseWork } from '../deploy/context.ts'
import { readLive } from '../deploy/live.ts'
import { renderReleases } from '../deploy/render.ts'
import { assessReleases, renderedObjects } from '../plan/assess.ts'
import { planBackOf } from '../plan/back.ts'
import { checkCapacity, checkKinds, checkRecords, checkSecrets, checkStorage } from '../plan/checks.ts'
import { preconditionsOf } from '../plan/moved.ts'
import { checkSaved } from '../plan/saved.ts'
import { neededPermissions, requirePermissions } from './prerequisites.ts'

/** Step 5: what the deploy would do, and whether it can. Nothing is written. */
export async function previewChanges(context: DeployContext, ports: DeployPorts): Promise<string> {
  await renderReleases(context, ports)
  context.live = await readLive(context, ports)
  const objects = renderedObjects(context)
  const { planOnly } = context.options
  if (planOnly !== true)
    requirePermissions(neededPermissions(objects, context.facts), context.facts, context.project.environment.namespace)
  context.stages = planStages(context.project, objects)
  checkKinds(context, objects)
  checkCapacity(context, objects)
  await allInOrder([
    checkSecrets(context, objects, ports),
    checkStorage(context, objects, ports),
    checkRecords(context, ports),
    assessReleases(context, ports),
  ])
  context.restarts = context.works.flatMap(({ plans }) =>
    planRestarts({ plans, rendered: byKey(objects), secretKeys: changedKeys(context) }),
  )
  context.unchanged = isUnchanged(context)
  context.preconditions = preconditionsOf(context)
  await checkSaved(context)
  if (planOnly !== true) refuseDrift(context)
  return summary(context)
}

/** All at once; of several failures the first in this order is told, whichever came first: the same input, the same answer. */
async function allInOrder(checks: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(checks)).find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason as Error
}

function byKey(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]))
}

function changedKeys({ secretPlans }: DeployContext): Map<string, readonly string[]> {
  return new Map(secretPlans.map(({ name, changedKeys: keys }) => [name, keys]))
}

function isUnchanged({ works, secretPlans }: DeployContext): boolean {
  const same = works.every(
    (work) => work.history[0]?.status === 'deployed' && touched(work.plans).length === 0 && sameHooks(work),
  )
  return same && secretPlans.every(({ action }) => action === 'unchanged' || action === 'keep')
}

function sameHooks({ rendered, before }: ReleaseWork): boolean {
  const hooks = rendered.flatMap(({ object, hook }) =>
    hook === undefined || hook.events.includes('test') ? [] : [nameOf(object)],
  )
  const known = (before?.hooks ?? []).flatMap(({ kind, name, events }) =>
    events.includes('test') ? [] : [`${kind}/${name}`],
  )
  return hooks.length === known.length && hooks.every((name) => known.includes(name))
}

/**
 * With the policy `report` nobody's change is taken back without a word. helm 4 would fail on it in the middle of the
 * upgrade and helm 3 would overwrite it in silence; forge ends the same with both.
 */
function refuseDrift({ works, project, options }: DeployContext): void {
  const { name, drift, at } = project.environment
  if (drift.policy === 'overwrite' || options.overwriteDrift === true) return
  // A run that failed half-way left what nobody else changed: only a deployed state can be drifted from.
  const settled = works.filter(({ history }) => history[0]?.status === 'deployed')
  const found = settled.flatMap(({ plans }) => overwrittenDrift(plans))
  const [first, ...others] = found
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'more field')})`
  const { plan, field } = first
  throw new ForgeError(
    'E_DRIFT',
    `${nameOf(plan.ref)} ${shortField(field.path)} was changed by ${field.manager} since the last deploy${more}; this deploy would take that back`,
    {
      hint: `forge plan --env ${name}`,
      where: `${at.file}:${at.line}`,
      problems: found.map((one) => ({ message: `${nameOf(one.plan.ref)} ${one.field.path}, by ${one.field.manager}` })),
    },
  )
}

function summary(context: DeployContext): string {
  const { works, restarts, unchanged, secretPlans } = context
  if (unchanged) return 'no changes'
  const plans = works.flatMap((work) => touched(work.plans))
  const first = works.every(({ before }) => before === undefined)
  const secrets = secretPlans.filter(({ action }) => action === 'create' || action === 'change').length
  if (first) return `first install: ${counted(plans.length, 'object')}, ${counted(secrets, 'secret')}`
  const changes = counted(plans.length + secrets, 'change')
  const { possible, rows } = planBackOf(context)
  const back = possible === 'until-schema' ? 'until the schema Job runs' : (rows[0] ?? possible)
  return `${changes}, ${counted(restarts.length, 'restart')}, rollback possible: ${back}`
}
