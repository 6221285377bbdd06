import { keyOf } from '../../domain/kube.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import { HELM_RUNS } from '../../domain/readiness/baseline.ts'
import { vanishes } from '../../domain/manifest/hooks.ts'
import { targetOf, type StageTarget } from '../../domain/stages/stages.ts'
import type { Follower, StageFailure } from '../follow.ts'
import { awaitedHooks } from '../desire/hooks.ts'
import type { StepReport } from '../step.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Writer } from './write-session.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { JobLogs, type JobLine } from '../prove/job-logs.ts'
import { judged } from '../prove/judged.ts'
import { keepLine } from '../prove/stage-logs.ts'

/** helm may see that a hook has failed before the watch tells forge why. */
const SEEN_MS = 1000

export interface HookWatch {
  /** Why helm failed: the verdict on a hook, where that was it. */
  explain(error: unknown): Promise<unknown>
  /** helm has ended well: the hooks that ran. Throws where one of them was seen to fail: what helm says of it is not what there is. */
  done(): Promise<readonly string[]>
  /** Waits a moment for the last lines of their logs. */
  close(): Promise<void>
}

/**
 * The hooks of a release while helm blocks on them: they are judged like any Job, their logs are streamed, and one that is
 * gone is done, because helm goes on. What helm cannot know (an image that does not exist) ends the deploy at once.
 * `operation`: what helm does meanwhile.
 */
export function followHooks(
  work: AppliedRelease,
  operation: Operation,
  context: Followed,
  { ports, report }: Pick<Writer, 'ports' | 'report'>,
): HookWatch {
  const targets = hookTargets(work)
  const { follower } = context
  if (targets.length === 0) {
    return {
      explain: async (error) => await withLines(error, context, ports, report),
      done: async () => await Promise.resolve([]),
      close: async () => await Promise.resolve(),
    }
  }
  const beside = follower.alongside({ name: 'upgrade', timeoutMs: Number.POSITIVE_INFINITY, targets })
  const closed = new AbortController()
  const logs = streamLogs(follower, context, ports, report, closed.signal)
  const look = (hook: StageTarget): void => {
    if (closed.signal.aborted) return
    logs.look(hook)
    const running = runningOf(targets, follower, ports.clock.monotonic())
    if (running.length > 0) report.detail({ doing: 'operation', operation, hooks: running })
  }
  follower.onTouch(targets, look)
  return {
    async done() {
      const failed = beside.leave()
      if (failed !== undefined) throw await judged(failed, context, ports)
      return targets.map(called)
    },
    async explain(error) {
      if (ports.signal.aborted) return error
      const failed = error instanceof JudgedFailure ? error.failed : await seen(follower, ports)
      await logs.ended(targets, ports)
      return failed === undefined ? error : await judged(failed, context, ports)
    },
    async close() {
      beside.leave()
      targets.forEach(look)
      await logs.ended(targets, ports)
      closed.abort()
    },
  }
}

/** What failed while helm still ran is no hook: its stage has not begun, so its last lines are told here. */
async function withLines(error: unknown, context: Followed, ports: DeployPorts, report: StepReport): Promise<unknown> {
  if (!(error instanceof JudgedFailure)) return error
  await context.stageLogs?.ended([error.failed.target], ports)
  const told = await judged(error.failed, context, ports)
  for (const line of told.lines) report.line(error.failed.failure.pod?.name ?? error.failed.target.name, line)
  return told
}

/** The hooks that helm is about to wait for. */
export function hookTargets(work: AppliedRelease): StageTarget[] {
  const hooks = awaitedHooks(work).map((one) => ({ ...targetOf(one.object), hook: true, vanishes: vanishes(one) }))
  return [...new Map(hooks.map((target) => [keyOf(target), target])).values()]
}

function streamLogs(
  { judge }: Follower,
  { cluster, heard }: Followed,
  ports: DeployPorts,
  report: StepReport,
  closed: AbortSignal,
): JobLogs {
  const onLine = (line: JobLine): void => {
    keepLine(heard, line, ports)
    report.line(line.source, line.text)
  }
  return new JobLogs({ judge, logs: cluster }, onLine, AbortSignal.any([ports.signal, closed]))
}

/** Those whose pods this run of helm has made, as the judge sees them. */
function runningOf(
  targets: readonly StageTarget[],
  { judge, cache }: Follower,
  at: number,
): { readonly name: string; readonly how: string }[] {
  const begun = targets.filter((target) => cache.get(target) !== undefined && judge.restarted(target))
  return begun.map((target) => {
    const verdict = judge.verdict(target, at)
    const how = verdict.state === 'progressing' ? verdict.reason : verdict.state
    return { name: called(target), how: how === HELM_RUNS ? 'done' : how }
  })
}

function called({ label, name }: StageTarget): string {
  return label ?? name
}

async function seen(follower: Follower, { clock, signal }: DeployPorts): Promise<StageFailure | undefined> {
  const over = new AbortController()
  try {
    const late = clock.after(SEEN_MS, AbortSignal.any([signal, over.signal])).then(() => undefined)
    late.catch(() => undefined)
    return await Promise.race([follower.failed, late])
  } finally {
    over.abort()
  }
}
