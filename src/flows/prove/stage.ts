import { JudgedFailure } from './failure.ts'
import type { StageFailure } from '../follow.ts'
import { showCrashes, type CrashLogs } from './crash-logs.ts'
import { lackedRights } from '../../domain/readiness/not-root.ts'
import { inVault } from './judged.ts'
import { lastLines } from './last-lines.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { StageDetail } from '../../domain/events/model.ts'
import { StepLeft, type StepReport } from '../step.ts'

/** What a stage is judged by, whoever has written it. */
export type StageContext = Pick<
  Followed,
  'cluster' | 'project' | 'keptSecrets' | 'stages' | 'follower' | 'stageLogs' | 'heard' | 'unchanged'
>

export type StagePorts = Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>

/** Steps 7 to 10, one per stage of forge.yaml: all are one watch; this shows and ends one of them. */
export async function followStage(
  name: string,
  context: StageContext,
  ports: StagePorts,
  report: StepReport,
): Promise<string | StageDetail> {
  const { follower, stageLogs: logs } = context
  const jobs = context.stages.find((stage) => stage.name === name)?.targets.filter(({ kind }) => kind === 'Job') ?? []
  logs?.show(jobs, report)
  const crashes = showCrashes(name, context, ports, report)
  let last: string | StageDetail = 'not reached'
  const end = await follower.stage(name, (stage) => report.detail((last = { stage, isStep: true })))
  await crashes.close()
  if (end.state === 'left') throw new StepLeft(last)
  if (end.state === 'ready' || end.failed.target.kind === 'Job') await logs?.ended(jobs, ports)
  if (end.state === 'failed') throw await failureOf(end.failed, crashes, { context, ports, report })
  return last
}

/** With its last lines. A Job's log has been streamed, a crash shown when it happened; nothing is said twice. */
async function failureOf(
  failed: StageFailure,
  crashes: CrashLogs,
  {
    context,
    ports,
    report,
  }: { readonly context: StageContext; readonly ports: StagePorts; readonly report: StepReport },
): Promise<JudgedFailure> {
  const told = await inVault(failed, context, ports)
  const lines = told.lines ?? (await lastLines(failed, context, ports))
  const { pod, pods = [] } = failed.failure
  const isShown = pods.some((name) => context.heard.jobs.has(name))
  if (!isShown && !crashes.shows(failed)) for (const line of lines) report.line(pod?.name ?? '', line)
  // The agent's own words say more than the user that it runs as.
  const known = { ...failed, failure: told.failure }
  return new JudgedFailure(told.lines === undefined ? withRights(known, lines, context) : known, lines)
}

/** A program that was made for root does not say so in its exit status. */
function withRights(failed: StageFailure, lines: readonly string[], { follower }: StageContext): StageFailure {
  const { failure, target } = failed
  const { pod, chain } = failure
  if (pod === undefined) return failed
  const within = target.namespace === undefined ? {} : { namespace: target.namespace }
  const object = follower.cache.get({ apiVersion: 'v1', kind: 'Pod', name: pod.name, ...within })
  const lacked = lackedRights(object, pod.container, lines)
  return lacked === undefined ? failed : { ...failed, failure: { ...failure, chain: [...chain, lacked] } }
}
