import type { ListrRendererFactory, ListrTask } from 'listr2'
import type { Restart } from '../../domain/plan/model.ts'
import { ForgeError } from '../../errors.ts'
import { followStage } from '../steps/stage.ts'
import { runSteps, step } from '../steps/step.ts'
import { upgradeReleases } from '../steps/upgrade.ts'
import { verify } from '../steps/verify.ts'
import { ensureNamespace } from './namespace.ts'
import type { DeployContext, DeployPorts, Outcome } from './context.ts'
import { recover } from './recover.ts'
import { openRun, type Run } from './run.ts'
import { totalSteps } from './reading-steps.ts'
import { refusal } from './refusal.ts'
import { createFollower } from './watching.ts'

export interface CarriedOut {
  readonly outcome: Outcome
  readonly error: ForgeError | undefined
  readonly evidence: string | undefined
  readonly restarted: readonly Restart[]
}

/** Steps 6 to 10, under the lock and written down in the journal; a failure is recovered from here. */
export async function carryOut(context: DeployContext, ports: DeployPorts): Promise<CarriedOut> {
  let run: Run | undefined
  try {
    context.follower = createFollower(context, ports, context.stages, ports.signal)
    if (!context.unchanged) {
      await ensureNamespace(context, ports.signal)
      run = await openRun(context, ports)
    }
    await runSteps(context, writingSteps(context, withLock(ports, run), run), ports)
    await run?.finish('deployed')
    const restarted = context.restarts.filter(({ ref }) => context.follower?.judge.restarted(ref) === true)
    return { outcome: context.unchanged ? 'unchanged' : 'deployed', error: undefined, evidence: undefined, restarted }
  } catch (error) {
    return await recover(context, ports, run, refusal(error, lockOr(ports, run)))
  } finally {
    await context.follower?.close()
    await run?.close()
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
): ListrTask<DeployContext, ListrRendererFactory>[] {
  const total = totalSteps(context)
  const first = total - context.stages.length
  const upgrade = step<DeployContext>(
    ports,
    { index: first, total, name: 'upgrade' },
    async (one, report) => await upgradeReleases(one, ports, report, run),
  )
  const stages = context.stages.map(({ name }, at) =>
    step<DeployContext>(ports, { index: first + at + 1, total, name }, async (one, report) => {
      const found = await followStage(name, one, ports, report)
      const checks = at === one.stages.length - 1 ? await verify(one, ports) : []
      return [found, ...checks].join(', ')
    }),
  )
  return [upgrade, ...stages]
}
