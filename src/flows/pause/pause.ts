import { keyOf } from '../../domain/kube.ts'
import type { PausePlan } from '../../domain/pause/plan.ts'
import type { Paused } from '../../domain/pause/report.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import { verdictReport, type VerdictReport } from '../verdict-report.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { begun } from '../run-events.ts'
import { openScope, type ScopeRequest } from '../state/scope.ts'
import { pausedObjects } from './describe.ts'
import { goingOn, planOf, refuseRunning, underPauseLock, type Performed } from './perform.ts'
import { readPause, type PauseFound, type PauseRequest, type PauseScope } from './read.ts'
import { untilAtRest } from './until-rest.ts'

export interface PauseOptions extends PauseRequest {
  readonly scope: ScopeRequest
  readonly yes: boolean
  /** A part alone, although something on the other side needs it. */
  readonly acceptUnmetNeeds: boolean
  readonly dryRun: boolean
}

/** The `--json` result of `forge pause` and `forge resume`. Its fields are public. */
export interface PauseReport extends Paused {
  readonly apiVersion: 'forge/v1'
  readonly verdict: VerdictReport | null
}

export interface PauseEnd {
  readonly report: PauseReport
  readonly error: ForgeError | undefined
  readonly flags: readonly string[]
}

type Ends = (
  outcome: PauseReport['outcome'],
  more?: { readonly error?: ForgeError; readonly number?: number; readonly done?: ReadonlySet<string> },
) => PauseEnd

interface Scene {
  readonly scope: PauseScope
  readonly options: PauseOptions
  readonly ports: DeployPorts
  readonly found: PauseFound
  readonly plan: PausePlan
  readonly end: Ends
}

/**
 * `forge pause` and `forge resume`, under the lock and with an entry in the journal. Nothing of a release is changed but counts,
 * `suspend` and CloudNativePG's hibernation, each remembered on its object; data is never touched.
 */
export async function pauseOrResume(
  ports: DeployPorts,
  options: PauseOptions,
  show: (report: Paused) => readonly string[],
): Promise<PauseEnd> {
  const { command, dryRun } = options
  const scope = await recovered(await openScope(options.scope, ports), dryRun, ports)
  const found = await readPause(options, scope, ports.signal)
  ports.events.tell(begun(command, scope.project, found.environment))
  const plan = planOf(command, found)
  const end = endsOf(scope, found, plan, options, ports)
  const scene: Scene = { scope, options, ports, found, plan, end }
  try {
    const isOpen = plan.tiers.some(({ steps }) => command === 'resume' || steps.some(({ isWritten }) => !isWritten))
    // One that says that it runs was killed, which its next one tells the history; or it runs, and has the lock.
    const isClosed = !scope.journal.pauses.some(({ state }) => state === 'running')
    if (!isOpen && isClosed) return await nothingToDo(scene)
    if (dryRun) return end('planned')
    refuseRunning(plan, found, { scope, request: options })
    refuseNeeded(scene)
    await agree(scene, show(end('planned').report))
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  }
  return await underLease(scene)
}

/** A pause that was stopped while its pods went may still have some. */
async function nothingToDo({ plan, ports, scope, end }: Scene): Promise<PauseEnd> {
  const { connected, namespace, flags } = scope
  const rest = { cluster: connected.cluster, clock: ports.clock, signal: ports.signal, namespace, flags }
  for (const tier of plan.tiers) await untilAtRest(tier, { ...rest, tell: () => undefined })
  if (scope.absent !== undefined) ports.say([`${scope.absent}: nothing is deployed there`])
  return end('unchanged', { done: new Set(plan.tiers.flatMap(({ steps }) => steps.map(({ ref }) => keyOf(ref)))) })
}

/** E_PAUSE_NEEDED. That a protected environment is agreed to says nothing of it. */
function refuseNeeded({ plan: { dependents }, options, scope, ports }: Scene): void {
  const [first] = dependents
  if (first === undefined) return
  const { command, acceptUnmetNeeds } = options
  const rest = command === 'pause' ? 'would stay up without it' : 'it stays paused'
  if (acceptUnmetNeeds) return ports.say(dependents.map((text) => `warning  ${text}: ${rest}`))
  throw new ForgeError('E_PAUSE_NEEDED', `${first}, and ${rest}`, {
    hint: forge(command, ...scope.flags),
    where: first.split(' ', 1)[0] ?? first,
    problems: dependents.map((message) => ({ message })),
  })
}

/** Only a protected environment asks. */
async function agree({ options, found, scope, ports }: Scene, rows: readonly string[]): Promise<void> {
  const { command, yes } = options
  if (yes || !found.environment.protected) return ports.say(rows)
  const details = { hint: again('--yes'), where: `environment ${scope.environment}` }
  if (ports.ask === undefined)
    throw new ForgeError(
      'E_CONFIRMATION_REQUIRED',
      `${scope.environment} is protected: a ${command} has to be agreed to`,
      details,
    )
  const agreed = await ports.ask([...rows, `${command === 'pause' ? 'Pause' : 'Resume'} ${scope.environment}? (y/N) `])
  ports.signal.throwIfAborted()
  if (!agreed) throw new ForgeError('E_NOT_CONFIRMED', `the ${command} was not confirmed`, details)
}

async function underLease({ scope, options, ports, end }: Scene): Promise<PauseEnd> {
  const performing = { scope, request: options, ports }
  let performed: Performed
  try {
    performed = await underPauseLock({ ...performing, again: goingOn(performing) })
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  }
  const { error, number, done } = performed
  if (error === undefined) return end(options.command === 'pause' ? 'paused' : 'resumed', { number, done })
  return end([130, 143].includes(error.exitStatus) ? 'interrupted' : 'failed', { error, number, done })
}

function endsOf(
  scope: PauseScope,
  found: PauseFound,
  plan: PausePlan,
  { command }: PauseOptions,
  { here }: DeployPorts,
): Ends {
  const { project, environment, namespace, flags } = scope
  return (outcome, { error, number, done = new Set<string>() } = {}) => ({
    report: {
      apiVersion: 'forge/v1',
      ...{ command, outcome, project, environment, namespace },
      deploy: number ?? null,
      objects: pausedObjects(plan, done),
      left: plan.left,
      notes: found.notes,
      verdict: error === undefined ? null : verdictReport(error, here),
    },
    error,
    flags,
  })
}
