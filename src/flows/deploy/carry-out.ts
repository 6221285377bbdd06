import type { ListrRendererFactory, ListrTask } from 'listr2'
import type { Restart } from '../../domain/plan/model.ts'
import { remarksOn } from '../../domain/readiness/remark.ts'
import { ForgeError } from '../../errors.ts'
import { tellWorkloads } from '../run-events.ts'
import { followStage } from '../steps/stage.ts'
import { runSteps, step, StepLeft, type StepReport } from '../steps/step.ts'
import { upgradeReleases } from '../steps/upgrade.ts'
import { verify } from '../steps/verify.ts'
import { ensureNamespaces } from './namespace.ts'
import type { DeployContext, DeployPorts, Outcome } from './context.ts'
import { recover } from './recover.ts'
import { checksOf, isPartOf, NOT_PART } from './part.ts'
import { openRun, type Run } from './run.ts'
import { totalSteps } from './reading-steps.ts'
import { refusal } from './refusal.ts'
import { stoppingOf } from './stopping.ts'
import { followStageLogs } from './stage-logs.ts'
import { createFollower } from './watching.ts'

export interface CarriedOut {
  readonly outcome: Outcome
  readonly error: ForgeError | undefined
  readonly evidence: string | undefined
  readonly restarted: readonly Restart[]
}

/** The step that writes, and what stands around it. */
export interface Writing {
  readonly name: string
  readonly write: (
    context: DeployContext,
    ports: DeployPorts,
    report: StepReport,
    run: Run | undefined,
  ) => Promise<string>
  /** After the last stage: what is left to be proven. Throws where it is not so. */
  readonly prove?: (context: DeployContext, ports: DeployPorts) => Promise<string[]>
  readonly total: (context: DeployContext) => number
  readonly reached: 'deployed' | 'rolled-back'
}

const UPGRADING: Writing = { name: 'upgrade', write: upgradeReleases, total: totalSteps, reached: 'deployed' }

/** Steps 6 to 10, under the lock and written down in the journal; a failure is recovered from here. */
export async function carryOut(
  context: DeployContext,
  ports: DeployPorts,
  writing: Writing = UPGRADING,
): Promise<CarriedOut> {
  let run: Run | undefined
  try {
    context.follower = createFollower(
      context,
      ports,
      context.stages,
      ports.signal,
      tellWorkloads(ports.events, 'there'),
    )
    context.stageLogs = followStageLogs(context, ports)
    if (!context.unchanged) {
      const isNew = await ensureNamespaces(context, ports.signal)
      run = await openRun(context, ports, isNew)
    }
    const answering = { ...withLock(ports, run), stopping: stoppingOf(context, ports) }
    await runSteps(context, writingSteps(context, answering, run, writing), ports)
    const { follower, stages } = context
    const targets = stages.flatMap((stage) => stage.targets)
    context.remarks = remarksOn(targets, follower.judge, follower.now())
    // What was proven is this run's own state only while nobody else may write.
    await run?.guard()
    await run?.finish(writing.reached)
    const restarted = context.restarts.filter(({ ref }) => context.follower?.judge.restarted(ref) === true)
    const outcome = context.unchanged ? 'unchanged' : writing.reached
    return { outcome, error: undefined, evidence: undefined, restarted }
  } catch (error) {
    return await recover(context, ports, run, refusal(error, lockOr(ports, run)))
  } finally {
    await context.follower?.close()
    await run?.close()
    await context.lease?.release()
  }
}

/** What a flow under the lock stops for: the person, or the loss of the lock. */
function lockOr({ signal }: DeployPorts, run: Run | undefined): AbortSignal {
  return run === undefined ? signal : AbortSignal.any([signal, run.signal])
}

function withLock(ports: DeployPorts, run: Run | undefined): DeployPorts {
  return { ...ports, signal: lockOr(ports, run) }
}

function writingSteps(
  context: DeployContext,
  ports: DeployPorts,
  run: Run | undefined,
  writing: Writing,
): ListrTask<DeployContext, ListrRendererFactory>[] {
  const total = writing.total(context)
  const first = total - context.stages.length
  const upgrade = step<DeployContext>(
    ports,
    { index: first, total, name: writing.name },
    async (one, report) => await writing.write(one, ports, report, run),
  )
  const stages = context.stages.map(({ name }, at) =>
    step<DeployContext>(ports, { index: first + at + 1, total, name }, async (one, report) => {
      const isPart = isPartOf(name, one)
      const found = isPart ? await followStage(name, one, ports, report) : NOT_PART
      const last = at === one.stages.length - 1
      if (!isPart && !(last && checksOf(one).length > 0)) throw new StepLeft(found)
      const checks = last ? [...(await verify(one, ports)), ...((await writing.prove?.(one, ports)) ?? [])] : []
      return [found, ...checks].join(', ')
    }),
  )
  return [upgrade, ...stages]
}
