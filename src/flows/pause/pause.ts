import { verdictOf } from '../../domain/journal/entry.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { planPause, planResume, type PausePlan } from '../../domain/pause/plan.ts'
import type { Paused } from '../../domain/pause/report.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge, kubectl } from '../../hint.ts'
import { verdictOf as verdictReport, type VerdictReport } from '../deploy/report.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { begun } from '../run-events.ts'
import { openJournal, type Journal } from '../state/journal.ts'
import { acquireLease, type HeldLease } from '../state/lease.ts'
import { openScope, type ScopeRequest } from '../state/scope.ts'
import { carryOut, type Carrying } from './carry-out.ts'
import { closeKilled } from '../state/killed-pauses.ts'
import { readPause, type PauseFound, type PauseRequest, type PauseScope } from './read.ts'
import { untilAtRest } from './until-rest.ts'

export interface PauseOptions extends PauseRequest {
  readonly scope: ScopeRequest
  readonly yes: boolean
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
    const isThere = plan.tiers.some(({ steps }) => command === 'resume' || steps.some(({ isWritten }) => !isWritten))
    if (!isThere) return await nothingToDo(scene)
    if (dryRun) return end('planned')
    refuseRunning(scene)
    refuseNeeded(scene)
    await agree(scene, show(end('planned').report))
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  }
  return await underLease(scene)
}

function planOf(command: PauseOptions['command'], found: PauseFound): PausePlan {
  return command === 'pause' ? planPause(found) : planResume(found)
}

/** A pause that was stopped while its pods went may still have some. */
async function nothingToDo({ plan, ports, scope, end }: Scene): Promise<PauseEnd> {
  const { connected, namespace, flags } = scope
  const rest = { cluster: connected.cluster, clock: ports.clock, signal: ports.signal, namespace, flags }
  for (const tier of plan.tiers) await untilAtRest(tier, { ...rest, tell: () => undefined })
  if (scope.absent !== undefined) ports.say([`${scope.absent}: nothing is deployed there`])
  return end('unchanged', { done: new Set(plan.tiers.flatMap(({ steps }) => steps.map(({ ref }) => keyOf(ref)))) })
}

function refuseRunning({ plan: { running }, found: { jobs, live }, scope }: Scene): void {
  const names = [...running.map(nameOf), ...jobs.map((name) => `Job/${name}`)]
  const [first] = names
  if (first === undefined) return
  const object: KubeObject | undefined = running[0] ?? [...live.values()].find(({ kind }) => kind === 'CronJob')
  throw new ForgeError('E_PAUSE_JOB', `${names.join(', ')} runs, and a pause would cut it off`, {
    hint: kubectl(
      ['wait', '--for=condition=complete', first.replace('Job/', 'job/'), '--timeout=10m'],
      object?.metadata.namespace ?? scope.namespace,
    ),
    where: first,
  })
}

function refuseNeeded({ plan: { dependents }, options, scope, ports }: Scene): void {
  const [first] = dependents
  if (first === undefined) return
  const { command, yes } = options
  const rest = command === 'pause' ? 'would stay up without it' : 'it stays paused'
  if (yes) return ports.say(dependents.map((text) => `warning  ${text}: ${rest}`))
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

async function underLease(scene: Scene): Promise<PauseEnd> {
  const { scope, ports, end } = scene
  const { project, namespace, connected } = scope
  const { cluster } = connected
  let lease: HeldLease | undefined
  try {
    const note = (text: string): void => ports.say([text])
    const request = { cluster, clock: ports.clock, project, namespace, holder: ports.runner, note }
    lease = await acquireLease({ ...request, refuseReleased: true }, ports.signal)
    const { clock, codec, redactor, events, signal } = ports
    const state = { project, namespace }
    const journal = await openJournal(
      { cluster, clock, codec, redactor, events, ...state, floor: lease.lastDeploy },
      signal,
    )
    await closeKilled(journal, lease)
    return await perform(scene, journal, lease)
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  } finally {
    await lease?.release()
  }
}

async function perform(scene: Scene, journal: Journal, lease: HeldLease): Promise<PauseEnd> {
  const { scope, ports, options, end } = scene
  const { command } = options
  // Between the question and the lock somebody may have written.
  const plan = planOf(command, await readPause(options, scope, ports.signal))
  refuseRunning({ ...scene, plan })
  const record = await journal.begin(newPause(scene), lease.signal)
  await lease.deploy(record.number)
  const done = new Set<string>()
  const carrying: Carrying = {
    ...{ cluster: scope.connected.cluster, ports, lease, record, done },
    ...{ namespace: scope.namespace, flags: scope.flags, by: ports.runner.identity },
  }
  try {
    await carryOut(command, plan, carrying)
    const outcome = command === 'pause' ? 'paused' : 'resumed'
    await record.finish(outcome)
    await journal.prune(record.entry, lease.signal)
    return end(outcome, { number: record.number, done })
  } catch (error) {
    const cause = refusal(error, ports.signal)
    const stopped = [130, 143].includes(cause.exitStatus)
    const told = cause.with({
      now: nowOf(command, plan, done),
      ...(stopped ? { hint: forge(command, ...flagsOf(scene)) } : {}),
    })
    await record.finish(stopped ? 'interrupted' : 'failed', verdictOf(told))
    return end(stopped ? 'interrupted' : 'failed', { error: told, number: record.number, done })
  }
}

function flagsOf({ scope, options }: Scene): string[] {
  return [...scope.flags, ...options.components]
}

function nowOf(command: PauseOptions['command'], { tiers }: PausePlan, done: ReadonlySet<string>): string {
  const steps = tiers.flatMap((tier) => tier.steps)
  const names = (isDone: boolean): string =>
    steps
      .filter(({ ref }) => done.has(keyOf(ref)) === isDone)
      .map(({ name }) => name)
      .join(', ')
  const [over, open] = [names(true), names(false)]
  const [did, rest] = command === 'pause' ? ['paused', 'not yet'] : ['resumed', 'not yet']
  const undo = command === 'pause' ? 'forge pause goes on, forge resume undoes it' : 'forge resume goes on'
  return [over === '' ? `nothing is ${did}` : `${did}: ${over}`, `${rest}: ${open}`, undo].join('; ')
}

function newPause({ scope, found, options, ports, plan }: Scene): Parameters<Journal['begin']>[0] {
  return {
    kind: options.command,
    environment: scope.environment,
    command: ports.runner.command,
    by: ports.runner.identity,
    changes: plan.tiers.flatMap(({ steps }) => steps.map(({ name }) => name)).join(', '),
    releases: [],
    secrets: [],
    configuration: {
      releases: [],
      stages: [],
      verify: [],
      ...(found.environment.protected ? { protected: true } : {}),
    },
  }
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
      objects: plan.tiers.flatMap(({ name: stage, steps }) =>
        steps.map(({ ref, name, from, to, note }) => ({
          object: nameOf(ref),
          ...{ name, stage },
          from: from ?? null,
          to: to ?? null,
          state: done.has(keyOf(ref)) ? 'done' : 'todo',
          note: note ?? null,
        })),
      ),
      left: plan.left,
      notes: found.notes,
      verdict: error === undefined ? null : verdictReport(error, here),
    },
    error,
    flags,
  })
}
