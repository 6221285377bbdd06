import { choiceOf } from '../../domain/config/select.ts'
import { setTexts } from '../../domain/values/settings.ts'
import type { Restart } from '../../domain/plan/model.ts'
import { ForgeError } from '../../errors.ts'
import { begun } from '../run-events.ts'
import { loadProject } from '../project/load.ts'
import { runSteps } from '../steps/step.ts'
import { carryOut } from './carry-out.ts'
import type { DeployContext, DeployOptions, DeployPorts, Outcome } from './context.ts'
import { createContext } from './create-context.ts'
import { confirm } from './confirm.ts'
import { headRows } from './head.ts'
import { waitForLock } from './lock.ts'
import { prepare } from './prepare.ts'
import { readingSteps } from './reading-steps.ts'
import { recoverFirst } from './recover-first.ts'
import { refusal } from './refusal.ts'
import { reportOf, type DeployReport } from './report.ts'

export interface DeployEnd {
  readonly report: DeployReport
  /** Why it did not end as `deployed` or `unchanged`. */
  readonly error: ForgeError | undefined
  readonly seconds: number
  readonly restarted: readonly Restart[]
  readonly context: DeployContext
}

/**
 * `forge deploy`: the ten steps of docs/design.md. Up to the preview nothing is written outside forge's own state; from the
 * upgrade on a failure is rolled back, also one that nobody foresaw. Throws for what is wrong before there is a project;
 * everything else is in the report.
 */
export async function deploy(ports: DeployPorts, options: DeployOptions): Promise<DeployEnd> {
  const { dir, dirGiven, env, values } = options
  const begin = ports.clock.monotonic()
  const given = { env, values, ...setTexts(options), ...choiceOf(options) }
  const project = await loadProject(ports.project, { ...(dirGiven ? { dir } : {}), ...given })
  const context = createContext(project, options)
  const command = options.secretsOnly?.command ?? 'deploy'
  ports.events?.tell(begun(command, project.name, project.environment))
  const end = (
    outcome: Outcome,
    error?: ForgeError,
    more: Partial<{ evidence: string; restarted: readonly Restart[] }> = {},
  ): DeployEnd => {
    const restarted = more.restarted ?? []
    const ending = { outcome, error, evidence: more.evidence, restarted }
    const report = reportOf(command, context, ending, ports.here)
    return { report, error, restarted, context, seconds: (ports.clock.monotonic() - begin) / 1000 }
  }
  try {
    await prepare(context, ports)
    await waitForLock(context, ports)
    await recoverFirst(context, ports)
    ports.say(headRows(context, ports.clock.now()))
    await runSteps(context, readingSteps(context, ports), ports)
    await confirm(context, ports)
  } catch (error) {
    const told = refusal(error, ports.signal)
    await context.lease?.release()
    return end(outcomeOf(told), told)
  }
  const { outcome, error, evidence, restarted } = await carryOut(context, ports)
  return end(outcome, error, { ...(evidence === undefined ? {} : { evidence }), restarted })
}

/** Before the deploy's own first write; only the recovery of one before it, or forge itself, can have failed. */
function outcomeOf({ exitStatus }: ForgeError): Outcome {
  if ([130, 143].includes(exitStatus)) return 'interrupted'
  return exitStatus === 5 || exitStatus === 1 ? 'failed' : 'refused'
}
