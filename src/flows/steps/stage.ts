import { JudgedFailure } from '../deploy/failure.ts'
import { followJobLogs, type JobLogs } from '../deploy/job-logs.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'
import type { StageFailure } from '../follow.ts'
import { StepLeft, type StepReport } from './step.ts'

const LOG_LINES = 6
/** How long the end of a Job waits for the last lines of its log. */
const LOG_GRACE_MS = 1000

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
  let shown = ''
  const end = await follower.stage(name, (summary) => {
    if (summary !== shown) report.detail(summary)
    shown = summary
  })
  if (end.state === 'left') throw new StepLeft(shown === '' ? 'not reached' : shown)
  if (end.state === 'failed') {
    const lines = await lastLines(end.failed, context, ports)
    for (const line of lines) report.line(end.failed.failure.pod?.name ?? '', line)
    throw new JudgedFailure(end.failed, lines)
  }
  if (logs !== undefined) await lastLogLines(logs, ports)
  return shown
}

async function lastLogLines(logs: JobLogs, { clock, signal }: DeployPorts): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([logs.ended(), clock.after(LOG_GRACE_MS, AbortSignal.any([signal, over.signal]))])
  } finally {
    // A timer that nobody waits for any more would keep the process alive for as long.
    over.abort()
  }
}

function jobLogs(
  name: string,
  { follower, stages, cluster }: DeployContext,
  { signal }: DeployPorts,
  report: StepReport,
): JobLogs | undefined {
  const jobs = stages.find((stage) => stage.name === name)?.targets.filter(({ kind }) => kind === 'Job') ?? []
  if (jobs.length === 0 || follower === undefined) return undefined
  const { judge, world } = follower
  const logs = followJobLogs({ judge, world, logs: cluster }, jobs, (source, text) => report.line(source, text), signal)
  follower.onBatch(() => logs.update())
  logs.update()
  return logs
}

/** What the failing container said last; a log that cannot be had leaves the verdict as it is. */
async function lastLines(
  { failure }: StageFailure,
  { cluster, project }: DeployContext,
  { signal, redactor }: DeployPorts,
): Promise<string[]> {
  const { pod } = failure
  if (pod === undefined) return []
  try {
    const where = { namespace: project.environment.namespace, name: pod.name, container: pod.container }
    const lines = await cluster.tail(where, { lines: LOG_LINES, previous: pod.previous }, signal)
    return (lines ?? []).map((line) => redactor.text(line))
  } catch {
    return []
  }
}
