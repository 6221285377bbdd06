import { keyOf } from '../../domain/kube.ts'
import { planLeft, planRestarts } from '../../domain/plan/restarts.ts'
import type { RollbackFeasibility } from '../../domain/plan/rollback-feasibility.ts'
import { withEndedJobs } from '../../domain/stages/ended.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { allInOrder } from '../all-in-order.ts'
import { concealRecorded } from '../conceal.ts'
import { dueBackups } from './backups.ts'
import { operationOf, stageHooks } from '../desire/hooks.ts'
import { lookAround } from '../observe/hidden.ts'
import { readLive } from '../observe/live.ts'
import type { Desired } from '../phases/desired.ts'
import { check, settle } from '../phases/findings.ts'
import type { Found } from '../phases/phases.ts'
import type { Assessed, Compared, Foreseen, Planned, Watched } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { assess, renderedObjects } from './assess.ts'
import type { PlanChecks } from './check-list.ts'
import { claimsAtRisk } from './losses-back.ts'
import { readLosses } from './losses.ts'
import { podSecrets } from './pod-secrets.ts'
import { withTakeOvers, type MayTake } from './take-over.ts'
import { rollbackFeasibilityOf } from './rollback-feasibility.ts'

/** What differs between the plans of a deploy, of a restart and of a rollback. */
export interface Planning {
  readonly checks: PlanChecks
  /** Every stage must have workloads. */
  readonly isWhole: boolean
  readonly measure: (desired: Desired, ports: DeployPorts) => Promise<Compared['recordBytes']>
  /** What is on its way out is waited for, or left as it is. */
  readonly settled: (found: Compared) => Promise<Compared>
  /** From which other releases objects may move. */
  readonly mayTake: MayTake
  readonly isUnchanged: (assessed: Assessed) => boolean
  readonly said: (foreseen: Foreseen, back: RollbackFeasibility) => string
}

/** What is desired is compared with what is there. Nothing is written. */
export async function planDesired(desired: Desired, planning: Planning, ports: DeployPorts): Promise<Found<Planned>> {
  const { checks } = planning
  const [live, recordBytes] = await Promise.all([readLive(desired, ports), planning.measure(desired, ports)])
  const found: Compared = { ...desired, live, recordBytes }
  concealRecorded(found, ports)
  await check(found, checks.found, ports)
  const compared = withTakeOvers(await planning.settled(found), planning.mayTake)
  const objects = renderedObjects(compared)
  const hooks = stageHooks(compared.releases)
  const project = planning.isWhole ? compared.project : presentStages(compared.project, [...objects, ...hooks.all])
  const watched = await lookAround(planStages(project, objects, hooks), compared, ports)
  await check(compared, checks.compared, ports)
  const [awaited, , assessed] = await allInOrder([
    awaitedSecrets(compared, ports),
    allInOrder(checks.asking.map(async (one) => await check(compared, [one], ports))),
    assess(compared, ports),
  ])
  const foreseen = await consequences(
    { ...assessed, ...watched, awaited },
    planning.isUnchanged(assessed),
    ports.signal,
  )
  await check(foreseen, checks.foreseen, ports)
  const back = await rollbackFeasibilityOf(foreseen, ports)
  const backups = await dueBackups(foreseen, ports)
  return {
    value: { ...foreseen, back, ...(backups.length === 0 ? {} : { backups }) },
    said: planning.said(foreseen, back),
  }
}

/** What comes of it beyond the objects themselves: pods that restart, data that goes. */
async function consequences(
  context: Assessed & Watched & Pick<Foreseen, 'awaited'>,
  unchanged: boolean,
  signal: AbortSignal,
): Promise<Foreseen> {
  const { live, secretPlans, project, stages } = context
  const releases = context.releases.map((work) => ({ ...work, operation: operationOf(work) }))
  const losses = await readLosses(releases, context, signal)
  const atRisk = await claimsAtRisk(context, signal)
  const templates = {
    plans: releases.flatMap((work) => work.plans),
    rendered: new Map(renderedObjects(context).map((object) => [keyOf(object), object])),
    live,
    secretKeys: new Map(secretPlans.map(({ name, changedKeys }) => [name, changedKeys])),
    home: project.environment.namespace,
  }
  return {
    ...context,
    losses,
    atRisk,
    restarts: planRestarts(templates),
    left: planLeft(templates),
    unchanged,
    stages: unchanged ? withEndedJobs(stages, live) : stages,
  }
}

async function awaitedSecrets(compared: Compared, ports: DeployPorts): Promise<Planned['awaited']> {
  const { awaited, findings } = await podSecrets(compared, renderedObjects(compared), ports)
  settle(compared, findings)
  return awaited
}
