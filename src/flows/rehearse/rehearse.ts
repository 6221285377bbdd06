import type { Detail } from '../../domain/events/model.ts'
import { plannedOtherwise, type Doing } from '../../domain/rehearsal/as-planned.ts'
import { fittedPaths } from '../../domain/rehearsal/fittings.ts'
import { budgetOf } from '../../domain/rehearsal/hastened.ts'
import type { RehearsedDeploy, Rehearsal } from '../../domain/rehearsal/model.ts'
import { nextAfter } from '../../domain/rehearsal/next.ts'
import { isGood, isProven, summaryOf } from '../../domain/rehearsal/summary.ts'
import { ForgeError } from '../../errors.ts'
import { counted } from '../../screen/counted.ts'
import type { DeployEnd } from '../deploy/deploy.ts'
import { deployPolicy, projectOf, type DeployOptions } from '../deploy/options.ts'
import { planned } from '../deploy/plan.ts'
import { reportOf, type DeployReport, type Reached } from '../deploy/report.ts'
import { asked } from '../phases/asked.ts'
import type { Planned } from '../phases/planned.ts'
import { looking } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { begun } from '../run-events.ts'
import { recordSteps, runStep, type StepReport } from '../step.ts'
import { capture, type Captured } from './capture.ts'
import { copiesOf, type Copies } from './copies.ts'
import { chosenFailures, rehearseFailures, type FailureWish } from './failures.ts'
import { deployInside, thereIn } from './inside.ts'
import { inPlaceOf, inPlaceOptions } from './in-place-of.ts'
import type { RehearsalPorts } from './ports.ts'
import { quietly } from './quiet.ts'
import { openScene, Scenes, whileItRuns, type Scene } from './scene.ts'
import { tenths } from './to-verdict.ts'

export interface RehearsalReport extends Omit<DeployReport, 'outcome' | 'command'> {
  readonly command: 'rehearse'
  readonly project: string
  readonly cluster: string
  readonly outcome: DeployReport['outcome'] | 'rehearsed' | 'would-fail'
  readonly rehearsal: Rehearsal | null
}

export interface RehearsalEnd {
  readonly report: RehearsalReport
  /** Why nothing is known, or that something would go wrong tonight. */
  readonly error: ForgeError | undefined
  /** Flux or Argo CD deploys there, and not forge. */
  readonly isManaged: boolean
}

/** What was read of the environment, and what would be done there. */
export interface Tonight {
  readonly planned: Planned
  readonly captured: Captured
  readonly copies: Copies
}

/**
 * `forge rehearse`: the deploy that a plan shows, carried out in sandboxes that are made like the environment, and the failures
 * that are wished for. The environment is only read.
 */
export async function rehearse(
  ports: RehearsalPorts,
  options: DeployOptions,
  wish: FailureWish,
): Promise<RehearsalEnd> {
  const { environment: own } = ports
  const project = await projectOf(options, own.project)
  const { name } = project.environment
  let reached: Reached | Planned = asked(project, options, looking(deployPolicy(name, undefined)))
  own.events.tell(begun('rehearse', project.name, project.environment))
  const steps = recordSteps(own)
  const end = (
    outcome: RehearsalReport['outcome'],
    error?: ForgeError,
    found: Rehearsal | null = null,
  ): RehearsalEnd => {
    const restarted = 'restarts' in reached ? reached.restarts : []
    const report = reportOf('rehearse', reached, { steps, outcome: 'planned', error, restarted }, own.here)
    const cluster = 'cluster' in reached ? reached.cluster.context : ''
    return {
      // None was begun: the number that it would have is the rehearsal's.
      report: {
        ...report,
        command: 'rehearse',
        deploy: null,
        project: project.name,
        cluster,
        outcome,
        rehearsal: found,
      },
      error,
      isManaged: project.environment.managedBy !== undefined,
    }
  }
  try {
    const tonight = await inStep(own, 1, 'plan', async (report) => await planTonight(ports, options, report))
    reached = tonight.planned
    const found = await rehearseTonight(tonight, ports, inPlaceOptions(project, options), wish)
    if (isGood(found)) return end('rehearsed', undefined, found)
    return end('would-fail', wouldFail(found, name), found)
  } catch (error) {
    const told = refusal(error, own.signal)
    return end(outcomeOf(told), told)
  }
}

function wouldFail(found: Rehearsal, environment: string): ForgeError {
  const where = found.failures.find((one) => !isProven(one))?.where ?? 'sandbox'
  const hint = nextAfter(found, environment)
  return new ForgeError('E_REHEARSAL', found.summary, { hint, where, now: 'nothing was changed' })
}

/** The five reading steps, in the environment itself; what would be refused there is refused. */
async function planTonight(
  ports: RehearsalPorts,
  options: DeployOptions,
  report: StepReport,
): Promise<StepEnd<Tonight>> {
  const { environment: own } = ports
  const { error, found } = await planned(quietly(own, report.detail), options, async (value) => {
    report.detail('reading what stands there')
    const captured = await capture(value, value.cluster, own.clock.now(), own.signal)
    const manifests = value.releases.map(({ manifest }) => manifest)
    return { planned: value, captured, copies: await inPlaceOf(value, await copiesOf(captured, manifests, ports), own) }
  })
  if (found === undefined) throw error ?? new Error('a plan has neither a result nor an error')
  return { value: found, said: found.planned.unchanged ? 'nothing would change' : changesOf(found.planned) }
}

function changesOf({ releases }: Planned): string {
  const touched = releases.flatMap(({ plans }) => plans.filter(({ action }) => action !== 'unchanged'))
  return `${counted(touched.length, 'object')} would change`
}

interface StepEnd<T> {
  readonly value: T
  readonly said: Detail
}

/** One of the steps that stand before the failures. */
async function inStep<T>(
  own: DeployPorts,
  index: number,
  name: string,
  work: (report: StepReport) => Promise<StepEnd<T>>,
): Promise<T> {
  const ends: T[] = []
  await runStep(own, { index, total: STEPS, name }, async (report) => {
    const { value, said } = await work(report)
    ends.push(value)
    return said
  })
  // A step that has no end has thrown.
  return ends[0] as T
}

/** plan, sandbox, deploy. Failures have rows of their own. */
const STEPS = 3

async function rehearseTonight(
  tonight: Tonight,
  ports: RehearsalPorts,
  options: DeployOptions,
  wish: FailureWish,
): Promise<Rehearsal> {
  const { environment: own } = ports
  const chosen = chosenFailures(wish, tonight)
  const scene = await inStep(own, 2, 'sandbox', async (report) => {
    const value = await openScene(tonight, ports, report.detail)
    return { value, said: sceneText(value) }
  })
  // A control plane waits for itself most of the time: the one for the failures is made meanwhile.
  const scenes = new Scenes(tonight, ports)
  try {
    if (chosen.failures.length + chosen.kills.length > 0) scenes.prepare()
    const { deploy: went, apart, budgetMs } = await deployTonight(scene, tonight, ports, options).finally(scene.close)
    const made = { ...scene.made, notRehearsed: [...scene.made.notRehearsed, ...apart] }
    const isReached = went.verdict === null
    const failures = isReached ? await rehearseFailures(chosen, tonight, scenes, ports, options, budgetMs) : []
    const found = { scene: made, deploy: went, failures, notProvoked: isReached ? chosen.notProvoked : [] }
    return { ...found, summary: summaryOf(found.deploy, found.failures) }
  } finally {
    await scenes.drop()
  }
}

function sceneText({ made: { kubernetes, copied } }: Scene): string {
  const { nodes, objects, secrets } = copied
  const made = secrets === 0 ? [] : [`${counted(secrets, 'secret')} made up`]
  return [`Kubernetes ${kubernetes.sandbox}`, counted(nodes, 'node'), counted(objects, 'object'), ...made].join(', ')
}

/** Its failure is what was asked for: it is shown as one, and ends nothing. */
async function deployTonight(
  { sandbox }: Scene,
  { planned, captured }: Tonight,
  ports: RehearsalPorts,
  options: DeployOptions,
): Promise<{ readonly deploy: RehearsedDeploy; readonly apart: readonly string[]; readonly budgetMs: number }> {
  const { environment: own } = ports
  let end: DeployEnd | undefined
  try {
    await inStep(own, 3, 'deploy', async (report) => {
      const inside = { sandbox, there: thereIn(planned), given: captured.given, tell: report.detail }
      end = await whileItRuns(sandbox, own.signal, async () => await deployInside(inside, ports, options))
      if (end.error === undefined)
        return { value: undefined, said: `${end.report.outcome} after ${end.seconds.toFixed(1)} s` }
      report.detail(end.error.message)
      throw end.error
    })
  } catch (error) {
    // A person's signal ends the rehearsal, and not only what is rehearsed.
    if (end?.error === undefined || end.report.outcome === 'interrupted') throw error
  }
  if (end === undefined) throw new Error('a deploy has no end')
  const { report, error, seconds, carried } = end
  const fitted = fittedPaths([...planned.live.values(), ...captured.rendered])
  const apart =
    carried === undefined ? [] : plannedOtherwise(doingOf(planned), doingOf(carried), report.namespace, fitted)
  // helm has a record to make anew of what Flux or Argo CD have applied: that changes nothing there.
  const isIdle = planned.project.environment.managedBy !== undefined && planned.unchanged && apart.length === 0
  const deploy = {
    outcome: rehearsedOutcome(report.outcome === 'deployed' && isIdle ? 'unchanged' : report.outcome),
    seconds: tenths(seconds),
    deploy: report.deploy,
    verdict: error === undefined ? null : { code: error.code, sentence: error.message },
  }
  return { deploy, apart, budgetMs: budgetOf(report.steps, planned.stages) }
}

function doingOf({ releases, restarts, secretPlans: secrets }: Planned): Doing {
  return { plans: releases.flatMap(({ plans }) => plans), restarts, secrets }
}

/** `restored` is how a deploy ends that has failed and gone back. */
function rehearsedOutcome(outcome: DeployReport['outcome']): RehearsedDeploy['outcome'] {
  if (outcome === 'restored') return 'rolled-back'
  return outcome === 'deployed' || outcome === 'unchanged' || outcome === 'refused' ? outcome : 'failed'
}
