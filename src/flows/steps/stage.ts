import { JudgedFailure } from '../deploy/failure.ts'
import { showCrashes } from '../deploy/crash-logs.ts'
import { lastLines } from '../deploy/last-lines.ts'
import { followJobLogs, type JobLogs } from '../deploy/job-logs.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'
import { StepLeft, type StepReport } from './step.ts'

/** Steps 7 to 10, one per stage of forge.yaml: all are one watch; this shows and ends one of them. */
export async function followStage(
  name: string,
  context: DeployContext,
  ports: DeployPorts,
  report: StepReport,
): Promise<string> {
  const { follower, unchanged } = context
  if (follower === undefined) throw new Error(`stage ${name} began before the watch was open`)
  const logs = unchanged ? undefined : jobLogs(name, context, ports, report)
  const crashes = showCrashes(name, context, ports, report)
  let shown = ''
  const end = await follower.stage(name, ({ summary, ready, all, waiting }) => {
    const waits = { short: `${ready} of ${all} ready`, lines: waiting, all: all - ready }
    if (summary !== shown) report.detail(summary, ready === all ? undefined : waits)
    shown = summary
  })
  await crashes.close()
  if (end.state === 'left') throw new StepLeft(shown === '' ? 'not reached' : shown)
  if (end.state === 'failed') {
    const lines = await lastLines(end.failed, context, ports)
    const { name: pod = '' } = end.failed.failure.pod ?? {}
    // A Job's log has been streamed, a crash shown when it happened; nothing is said twice.
    if (logs?.has(pod) !== true && !crashes.shows(end.failed)) for (const line of lines) report.line(pod, line)
    throw new JudgedFailure(end.failed, lines)
  }
  await logs?.ended(ports)
  return shown
}

function jobLogs(
  name: string,
  { follower, stages, cluster }: DeployContext,
  { signal }: DeployPorts,
  report: StepReport,
): JobLogs | undefined {
  const jobs =
    stages.find((stage) => stage.name === name)?.targets.filter(({ kind, hook }) => kind === 'Job' && hook !== true) ??
    []
  if (jobs.length === 0 || follower === undefined) return undefined
  const { judge, world } = follower
  const logs = followJobLogs({ judge, world, logs: cluster }, (source, text) => report.line(source, text), signal)
  follower.onTouch(jobs, (job) => logs.look(job))
  return logs
}
