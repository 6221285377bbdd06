import { keyOf } from '../../domain/kube.ts'
import type { StepReport } from '../step.ts'
import type { Followed, HeardOutput, StageLogs } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { JobLogs, type JobLine } from './job-logs.ts'

/** A log is evidence, too: so much of each is kept. */
const KEPT_LINES = 500

/** Keeps a line for the verdict and the evidence: the pod may be gone by then. */
export function keepLine(
  { jobs }: HeardOutput,
  { pod, container, text }: JobLine,
  { redactor }: Pick<DeployPorts, 'redactor'>,
): void {
  const lines = jobs.get(pod) ?? []
  if (lines.length < KEPT_LINES) jobs.set(pod, [...lines, { container, text: redactor.text(text) }])
}

/** The logs of the Jobs that stages wait for, from before helm starts on. Undefined: there are none, or helm is not run. */
export function followStageLogs(
  context: Pick<Followed, 'follower' | 'stages' | 'cluster' | 'unchanged' | 'heard'>,
  ports: Pick<DeployPorts, 'signal' | 'redactor'>,
): StageLogs | undefined {
  const { follower, stages, cluster, unchanged, heard } = context
  const jobs = stages.flatMap(({ targets }) => targets).filter(({ kind, hook }) => kind === 'Job' && hook !== true)
  if (jobs.length === 0 || unchanged) return undefined
  const waiting = new Map<string, JobLine[]>()
  const shown = new Map<string, StepReport>()
  const onLine = (line: JobLine): void => {
    keepLine(heard, line, ports)
    const key = keyOf(line.job)
    const report = shown.get(key)
    if (report === undefined) waiting.set(key, [...(waiting.get(key) ?? []), line])
    else report.line(line.source, line.text)
  }
  const logs = new JobLogs({ judge: follower.judge, logs: cluster }, onLine, ports.signal)
  follower.onTouch(jobs, (job) => logs.look(job))
  return {
    show(those, report) {
      for (const job of those) {
        const key = keyOf(job)
        shown.set(key, report)
        for (const { source, text } of waiting.get(key) ?? []) report.line(source, text)
        waiting.delete(key)
      }
    },
    ended: async (those, until) => await logs.ended(those, until),
  }
}
