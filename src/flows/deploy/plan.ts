import type { PlanDocument } from '../../domain/plan/document.ts'
import { ForgeError } from '../../errors.ts'
import { connect, open, unknownPast, unseen } from '../observe/open.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import type { Course } from './deploy.ts'
import { deployPolicy, projectOf, type DeployOptions } from './options.ts'
import { configuredToLook } from './phases.ts'
import { reportOf, type DeployReport, type Reached } from './report.ts'
import { asked } from '../phases/asked.ts'
import type { Connected, Opened } from '../phases/opened.ts'
import { needed } from '../phases/findings.ts'
import type { Phases } from '../phases/phases.ts'
import { adopting, looking, type Policy } from '../phases/policy.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { begun } from '../run-events.ts'
import { recordSteps } from '../step.ts'
import { BEFORE_DEPLOY } from '../plan/check-list.ts'
import { leftDefinitions } from '../plan/definitions.ts'
import { planDeploy, type Preview } from '../plan/plan-deploy.ts'
import { observeRequired } from '../observe/requirements.ts'
import { describePlan } from '../plan/describe.ts'
import { savePlan } from '../plan/save.ts'

export interface PlanEnd {
  readonly report: DeployReport & { readonly plan: PlanDocument | null }
  readonly plan: PlanDocument | undefined
  readonly error: ForgeError | undefined
}

/** A course of which nothing is written. */
interface Looking<Out extends Opened> extends Required<Pick<Course, 'command' | 'policy'>> {
  readonly phases: Phases<Opened, Out>
}

export interface Looked<Described> {
  readonly report: DeployReport
  readonly error: ForgeError | undefined
  readonly found: Described | undefined
}

/**
 * `forge plan`: the five reading steps of a deploy, and their result as one document. Nothing is written, nothing is
 * built; what may not be read is named in it. `out`: a file that `forge deploy --plan` takes.
 */
export async function plan(ports: DeployPorts, options: DeployOptions, out: string | undefined): Promise<PlanEnd> {
  return await planThrough(ports, options, courseOf(ports), out)
}

/** The same, and what is made of it: `forge rehearse` carries it out elsewhere. */
export async function planned<Described>(
  ports: DeployPorts,
  options: DeployOptions,
  describe: (value: Planned) => Promise<Described>,
): Promise<Looked<Described>> {
  return await lookThrough(ports, options, courseOf(ports), describe)
}

function courseOf(ports: DeployPorts): Looking<Planned> {
  const policy = (name: string): Policy =>
    looking({ ...deployPolicy(name, undefined), takeOver: adopting('plan', name) })
  return { command: 'plan', phases: planPhases(ports), policy }
}

/** What is planned by phases of its own, and only shown. */
export async function planThrough(
  ports: DeployPorts,
  options: DeployOptions,
  course: Required<Omit<Course, 'writing'>>,
  out: string | undefined,
): Promise<PlanEnd> {
  const { report, error, found } = await lookThrough(ports, options, course, async (planned) => {
    const described = await describePlan(planned, ports, await leftDefinitions(planned, ports))
    if (out !== undefined) await savePlan(out, described, planned, ports)
    return described
  })
  return { report: { ...report, plan: found ?? null }, plan: found, error }
}

/** Phases that write nothing in the cluster, and what is made of where they lead. */
export async function lookThrough<Out extends Opened, Described>(
  ports: DeployPorts,
  options: DeployOptions,
  { command, phases, policy }: Looking<Out>,
  describe: (value: Out) => Promise<Described>,
): Promise<Looked<Described>> {
  const project = await projectOf(options, ports.project)
  const wanted = asked(project, options, policy(project.environment.name))
  ports.events.tell(begun(command, project.name, project.environment))
  const steps = recordSteps(ports)
  let reached: Reached = wanted
  const end = (error?: ForgeError, found?: Described): Looked<Described> => {
    const outcome = error === undefined ? 'planned' : outcomeOf(error)
    return { report: reportOf(command, reached, { steps, outcome, error }, ports.here), error, found }
  }
  try {
    const opened = await openToRead(await connect(wanted, ports), ports)
    reached = opened
    const value = await phases.run(opened, ports, phases.length, (known) => (reached = known))
    return end(undefined, await describe(value))
  } catch (error) {
    return end(refusal(error, ports.signal))
  }
}

/** The journal is kept in Secrets, which a reader of the cluster often may not see: then it is not known what runs. */
export async function openToRead(connection: Connected, ports: DeployPorts): Promise<Opened> {
  try {
    return await open(connection, ports)
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'E_FORBIDDEN') throw error
    needed(connection, 'which deploy runs')(error)
    return { ...connection, ...unknownPast(unseen(error)), lacksRights: true, target: undefined }
  }
}

/** Nothing is waited for, and each chart is rendered twice. */
const SHOWN: Preview = {
  manner: { freezes: false, twice: true, given: new Map() },
  checks: BEFORE_DEPLOY,
  settled: (found) => Promise.resolve(found),
}

function planPhases(ports: DeployPorts): Phases<Opened, Planned> {
  const configuring = configuredToLook(async (opened) => await observeRequired(opened, ports), ports)
  return configuring.next('preview', async (configured) => await planDeploy(configured, SHOWN, ports))
}
