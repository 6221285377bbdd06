import type { Restart } from '../../domain/plan/model.ts'
import type { ForgeError } from '../../errors.ts'
import { asked } from '../phases/asked.ts'
import type { Opened } from '../phases/opened.ts'
import type { Outcome } from '../phases/options.ts'
import type { Phases } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import type { Policy } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { begun } from '../run-events.ts'
import type { HeldLease } from '../state/lease.ts'
import { answering, recordSteps } from '../step.ts'
import { carryOut, upgrading, type CarriedOut, type Writing } from './carry-out.ts'
import { confirm } from './confirm.ts'
import { headRows } from './heading.ts'
import { waitForLock } from '../apply/lock.ts'
import { connect, open } from '../observe/open.ts'
import { deployPolicy, projectOf, type DeployOptions } from './options.ts'
import { deployPhases } from './phases.ts'
import { pauseScopeOf, resumeFirst, staysAwake, type ResumedFirst } from '../pause/resume-first.ts'
import { recoverFirst } from './recover-first.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { tellRun } from '../notify/tell-run.ts'
import { reportOf, type DeployReport, type Reached } from './report.ts'

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
  return await carryThrough(ports, options, { command: 'deploy', phases: deployPhases(options, ports) })
}

/** What is planned by phases of its own, and then carried out as a deploy. */
export interface Course {
  /** As the report names it. */
  readonly command: string
  readonly phases: Phases<Opened, Planned>
  /** What is written; otherwise as a deploy does it. */
  readonly writing?: Writing
  /** What of it is said, and how it is done again; otherwise as of a deploy. */
  readonly policy?: (environment: string) => Policy
}

export async function carryThrough(
  ports: DeployPorts,
  options: DeployOptions,
  { command, phases, writing = upgrading(phases.length), policy }: Course,
): Promise<DeployEnd> {
  const begin = ports.clock.monotonic()
  const project = await projectOf(options, ports.project)
  const { name } = project.environment
  const wanted = asked(project, options, policy?.(name) ?? deployPolicy(name, options.saved))
  ports.events.tell(begun(command, project.name, project.environment))
  const steps = recordSteps(ports)
  let reached: Reached = wanted
  let lease: HeldLease | undefined
  let resumed: ResumedFirst
  const end = (outcome: Outcome, { error, ...more }: Partial<CarriedOut>): DeployEnd => {
    const told = error === undefined ? undefined : staysAwake(error, resumed, name)
    const report = reportOf(command, reached, { ...more, steps, outcome, error: told, resumed }, ports.here)
    const seconds = (ports.clock.monotonic() - begin) / 1000
    return { report, error: told, restarted: more.restarted ?? [], carried: more.reached, seconds }
  }
  const stopping = { signal: ports.signal, words: () => 'stopping: nothing was changed' }
  const plan = async (): Promise<Planned> => {
    const known = await open(await connect(wanted, ports), ports)
    reached = known
    lease = await waitForLock(known, ports)
    const ready = (reached = await recoverFirst({ ...known, lease }, ports))
    resumed = await resumeFirst(pauseScopeOf(ready), ready.options, ports, lease)
    const opened = (reached = resumed === undefined ? ready : await open(ready, ports))
    ports.say(headRows(opened, ports.clock.now()))
    const found = await phases.run(opened, { ...ports, stopping }, writing.total(opened), (value) => (reached = value))
    await confirm(found, ports)
    return found
  }
  let planned: Planned
  try {
    planned = await answering(ports, stopping, plan)
  } catch (error) {
    const told = refusal(error, ports.signal)
    await lease?.release()
    return end(outcomeOf(told), { error: told })
  }
  const carried = await carryOut(planned, ports, writing, steps)
  reached = carried.reached
  return await tellRun(wanted.audience, end(carried.outcome, carried), planned, ports)
}
