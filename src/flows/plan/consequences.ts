import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { planLeft, planRestarts } from '../../domain/plan/restarts.ts'
import { withEndedJobs } from '../../domain/stages/ended.ts'
import type { Assessed, Foreseen, ReleasePlan, Watched } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderedObjects } from './assess.ts'
import { leftDefinitions } from './definitions.ts'
import { checkLeftHooks } from './left-hooks.ts'
import { claimsAtRisk } from './losses-back.ts'
import { planLosses } from './losses.ts'
import { checkOtherUses } from './other-uses.ts'
import { checkHeld } from './paused.ts'
import { checkStillUsed } from './still-used.ts'

export interface Weighed extends Assessed<ReleasePlan>, Watched, Pick<Foreseen, 'awaited'> {}

/**
 * What comes of it beyond the objects themselves: pods that restart, data that goes, what stands in the way of somebody else.
 * The same for a deploy and for a rollback; `isUnchanged` says of each when there is nothing to do.
 */
export async function consequences(
  context: Weighed,
  isUnchanged: (context: Assessed<ReleasePlan>) => boolean,
  ports: Pick<DeployPorts, 'signal' | 'here'>,
): Promise<Foreseen> {
  const { works, live, secretPlans, project, stages } = context
  const objects = renderedObjects(context)
  const definitions = await leftDefinitions(context, ports)
  checkStillUsed(context, objects)
  await checkOtherUses(context, ports.signal)
  const losses = await planLosses(context, ports.signal)
  const atRisk = await claimsAtRisk(context, ports.signal)
  const rendered = new Map(objects.map((object): [string, KubeObject] => [keyOf(object), object]))
  const templates = {
    plans: works.flatMap((work) => work.plans),
    rendered,
    live,
    secretKeys: new Map(secretPlans.map(({ name, changedKeys }) => [name, changedKeys])),
    home: project.environment.namespace,
  }
  checkHeld(context, rendered, ports)
  const unchanged = isUnchanged(context)
  if (!unchanged) checkLeftHooks(context)
  return {
    ...context,
    leftDefinitions: definitions,
    losses,
    atRisk,
    restarts: planRestarts(templates),
    left: planLeft(templates),
    unchanged,
    stages: unchanged ? withEndedJobs(stages, live) : stages,
  }
}
