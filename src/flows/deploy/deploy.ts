import { choiceOf } from '../../domain/config/select.ts'
import { setTexts } from '../../domain/values/settings.ts'
import type { Restart } from '../../domain/plan/model.ts'
import type { ForgeError } from '../../errors.ts'
import { asked } from '../phases/asked.ts'
import type { DeployOptions, Outcome } from '../phases/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { begun } from '../run-events.ts'
import { loadProject } from '../project/load.ts'
import type { HeldLease } from '../state/lease.ts'
import { carryOut, type CarriedOut } from './carry-out.ts'
import { confirm } from './confirm.ts'
import { headRows } from './heading.ts'
import { waitForLock } from '../apply/lock.ts'
import { connect, open } from '../observe/open.ts'
import { readingPhases, totalSteps } from './phases.ts'
import { recoverFirst } from './recover-first.ts'
import { refusal } from '../refusal.ts'
import { outcomeOf, reportOf, type DeployReport, type Reached } from './report.ts'

export interface DeployEnd {
  readonly report: DeployReport
  /** Why it did not end as `deployed` or `unchanged`. */
  readonly error: ForgeError | undefined
  readonly seconds: number
  /** Undefined: it was refused before anything was to be written. */
  readonly carried: Planned | undefined
  readonly restarted: readonly Restart[]
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
  const wanted = asked(project, options)
  const command = options.secretsOnly?.command ?? 'deploy'
  ports.events?.tell(begun(command, project.name, project.environment))
  let reached: Reached = wanted
  let lease: HeldLease | undefined
  const end = (outcome: Outcome, { error, ...more }: Partial<CarriedOut>): DeployEnd => {
    const report = reportOf(command, reached, { ...more, outcome, error }, ports.here)
    const seconds = (ports.clock.monotonic() - begin) / 1000
    return { report, error, restarted: more.restarted ?? [], carried: more.reached, seconds }
  }
  let planned: Planned
  try {
    const known = await open(await connect(wanted, ports), ports)
    reached = known
    lease = await waitForLock(known, ports)
    const opened = (reached = await recoverFirst({ ...known, lease }, ports))
    ports.say(headRows(opened, ports.clock.now()))
    const stopping = { signal: ports.signal, words: () => 'stopping: nothing was changed' }
    const [phases, total] = [readingPhases(opened, ports), totalSteps(opened, ports)]
    planned = await phases.run(opened, { ...ports, stopping }, total, (value) => (reached = value))
    await confirm(planned, ports)
  } catch (error) {
    const told = refusal(error, ports.signal)
    await lease?.release()
    return end(outcomeOf(told), { error: told })
  }
  const carried = await carryOut(planned, ports)
  reached = carried.reached
  return end(carried.outcome, carried)
}
