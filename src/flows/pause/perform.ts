import { verdictOf } from '../../domain/journal/entry.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { planPause, planResume, type PausePlan, type PauseStep } from '../../domain/pause/plan.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl, type Hint } from '../../hint.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refusal } from '../refusal.ts'
import { openJournal, type Journal } from '../state/journal.ts'
import { closeKilled } from '../state/killed-pauses.ts'
import { acquireLease, type HeldLease } from '../state/lease.ts'
import { carryOut, type Carrying } from './carry-out.ts'
import { readPause, type PauseFound, type PauseRequest, type PauseScope } from './read.ts'

/** What is to be brought to rest, or woken: by a command of its own, or first by one that deploys. */
export interface Performing extends Pick<Carrying, 'goesOn'> {
  readonly scope: PauseScope
  readonly request: PauseRequest
  readonly ports: DeployPorts
  /** What goes on from where it was stopped. */
  readonly again: Hint
}

export interface Performed {
  readonly number: number
  /** As it was when the lock was held. */
  readonly plan: PausePlan
  readonly done: ReadonlySet<string>
  /** Why it came no further. */
  readonly error: ForgeError | undefined
}

export function planOf(command: PauseRequest['command'], found: PauseFound): PausePlan {
  return command === 'pause' ? planPause(found) : planResume(found)
}

/** E_PAUSE_JOB. What is woken cuts nothing off. */
export function refuseRunning(
  { running }: PausePlan,
  { jobs, live }: PauseFound,
  { scope, request }: Pick<Performing, 'scope' | 'request'>,
): void {
  const names = [...running.map(nameOf), ...jobs.map((name) => `Job/${name}`)]
  const [first] = names
  if (first === undefined || request.command === 'resume') return
  const object: KubeObject | undefined = running[0] ?? [...live.values()].find(({ kind }) => kind === 'CronJob')
  throw new ForgeError('E_PAUSE_JOB', `${names.join(', ')} runs, and a pause would cut it off`, {
    hint: kubectl(
      ['wait', '--for=condition=complete', first.replace('Job/', 'job/'), '--timeout=10m'],
      object?.metadata.namespace ?? scope.namespace,
    ),
    where: first,
  })
}

/** Under the lock; `held`: the caller's own, which it keeps. Throws what is refused before anything is written. */
export async function underPauseLock(performing: Performing, held?: HeldLease): Promise<Performed> {
  return await locked(performing, held, async (journal, lease) => await perform(performing, journal, lease))
}

/** What was killed when all of it was done is closed, where there is nothing more to do. */
export async function closeDone(performing: Performing, held?: HeldLease): Promise<void> {
  if (performing.scope.journal.pauses.every(({ state }) => state !== 'running')) return
  await locked(performing, held, async () => await Promise.resolve())
}

async function locked<T>(
  performing: Performing,
  held: HeldLease | undefined,
  work: (journal: Journal, lease: HeldLease) => Promise<T>,
): Promise<T> {
  const lease = held ?? (await lockOf(performing))
  try {
    const { scope, ports } = performing
    const { clock, codec, redactor, events, signal } = ports
    const { project, namespace, connected } = scope
    const state = { cluster: connected.cluster, project, namespace, floor: lease.lastDeploy }
    const journal = await openJournal({ ...state, clock, codec, redactor, events }, signal)
    await closeKilled(journal, lease)
    return await work(journal, lease)
  } finally {
    if (held === undefined) await lease.release()
  }
}

async function lockOf({ scope, ports }: Performing): Promise<HeldLease> {
  const { project, namespace, connected } = scope
  const note = (text: string): void => ports.say([text])
  const request = { cluster: connected.cluster, clock: ports.clock, project, namespace, holder: ports.runner, note }
  return await acquireLease({ ...request, refuseReleased: true }, ports.signal)
}

async function perform(performing: Performing, journal: Journal, lease: HeldLease): Promise<Performed> {
  const { scope, ports, request, again, goesOn } = performing
  const { command } = request
  // Between the question and the lock somebody may have written.
  const found = await readPause(request, scope, ports.signal)
  const plan = planOf(command, found)
  refuseRunning(plan, found, performing)
  const record = await journal.begin(newPause(performing, found, plan), lease.signal)
  await lease.deploy(record.number)
  const done = new Set<string>()
  const carrying: Carrying = {
    ...{ cluster: scope.connected.cluster, ports, lease, record, done },
    ...{ namespace: scope.namespace, flags: scope.flags, by: ports.runner.identity },
    ...(goesOn === undefined ? {} : { goesOn }),
  }
  const performed = { number: record.number, plan, done }
  try {
    await carryOut(command, plan, carrying)
    await record.finish(command === 'pause' ? 'paused' : 'resumed')
    await journal.prune(record.entry, lease.signal)
    return { ...performed, error: undefined }
  } catch (error) {
    const cause = refusal(error, ports.signal)
    const stopped = [130, 143].includes(cause.exitStatus)
    const told = cause.with({ now: nowOf(command, plan, done), ...(stopped ? { hint: again } : {}) })
    await record.finish(stopped ? 'interrupted' : 'failed', verdictOf(told))
    return { ...performed, error: told }
  }
}

function nowOf(command: PauseRequest['command'], { tiers }: PausePlan, done: ReadonlySet<string>): string {
  const steps = tiers.flatMap((tier) => tier.steps)
  const names = (isDone: boolean): string =>
    steps
      .filter(({ ref }) => done.has(keyOf(ref)) === isDone)
      .map(({ name }: PauseStep) => name)
      .join(', ')
  const [over, open] = [names(true), names(false)]
  const did = command === 'pause' ? 'paused' : 'resumed'
  const undo = command === 'pause' ? 'forge pause goes on, forge resume undoes it' : 'forge resume goes on'
  return [over === '' ? `nothing is ${did}` : `${did}: ${over}`, `not yet: ${open}`, undo].join('; ')
}

function newPause(
  { scope, request, ports }: Performing,
  { environment }: PauseFound,
  plan: PausePlan,
): Parameters<Journal['begin']>[0] {
  return {
    kind: request.command,
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
      ...(environment.protected ? { protected: true } : {}),
    },
  }
}

/** What stops it half-way is gone on from by this. */
export function goingOn({ scope, request }: Pick<Performing, 'scope' | 'request'>): Hint {
  return forge(request.command, ...scope.flags, ...request.components)
}
