import { nameOf } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { foreignPending, adoptPending, strandedDeploy, type KnownRelease } from '../../domain/recovery/foreign.ts'
import { decideRecovery, leftAsItIs } from '../../domain/recovery/decide.ts'
import { recoveredDetail, whyNotBack } from '../../screen/recovered.ts'
import { recoveryRows, stoppedAt, whatHappened } from '../../screen/recovery.ts'
import type { ForeignPending, NotAsBefore, RecoveryAction, RecoveryPlan } from '../../domain/recovery/model.ts'
import { leftInVault } from '../../domain/vault/plan.ts'
import type { JournalEntry, JournalVerdict } from '../../domain/journal/model.ts'
import { closeKilled } from '../state/killed-pauses.ts'
import { openJournal, unreadEntries, type Journal } from '../state/journal.ts'
import { acquireLease, type HeldLease } from '../state/lease.ts'
import { requireKnown } from '../state/require-known.ts'
import { RECOVERY, recordSteps, runStep, type StepRecord } from '../step.ts'
import { carryOutRecovery, proveBack, type Hold } from './carry-out.ts'
import { inspect, inspectForeign, type Inspected, type InspectedRelease } from './inspect.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'
import { refuseOwned } from './owned.ts'
import { foreignError } from '../observe/foreign.ts'
import { halfWay, stoppingRecovery } from './stopping.ts'
import { endMigration, lendForRecovery } from './end-migration.ts'
import { missingNamespace } from '../state/missing-namespace.ts'

export interface RecoveryOptions {
  readonly dryRun: boolean
  /** Releases that nobody's deploy accounts for are put right too. */
  readonly adoptPending: boolean
  /** Nothing goes back; the next deploy goes forward from what there is. */
  readonly leave?: boolean
  /** Whether to wait until what ran before is ready. A deploy that follows at once proves what it makes itself. */
  readonly prove: boolean
}

/** What there is to recover, and what is to be done about it. */
export interface Findings {
  readonly entry: JournalEntry | undefined
  readonly plan: RecoveryPlan
  readonly foreign: readonly ForeignPending[]
}

export interface RecoveryEnd extends Findings {
  readonly outcome: 'unchanged' | 'planned' | 'deployed' | 'restored' | 'uninstalled' | 'failed'
  readonly live: number | undefined
  readonly steps: readonly StepRecord[]
  readonly releases: readonly { readonly name: string; readonly before: number | null; readonly after: number | null }[]
  /** Why what ran before is not as it was. */
  readonly why: NotAsBefore | undefined
  readonly seconds: number
}

interface Scene {
  readonly scope: RecoveryScope
  readonly ports: RecoveryPorts
  readonly journal: Journal
  readonly lease: HeldLease
  readonly inspected: Inspected | undefined
  /** Only those that are foreign, and adopted. */
  readonly adopted: readonly InspectedRelease[]
}

/**
 * Puts right what an interrupted deploy left, under the lock: looks, decides (pure: src/domain/recovery), shows, acts,
 * proves, and writes the deploy's end into its journal. Safe to be interrupted itself. Throws E_LOCKED while its holder
 * lives, E_RELEASE_PENDING for what is not forge's, unless that is adopted.
 */
export async function recover(
  scope: RecoveryScope,
  ports: RecoveryPorts,
  options: RecoveryOptions,
): Promise<RecoveryEnd> {
  const begin = ports.clock.monotonic()
  const seconds = (): number => (ports.clock.monotonic() - begin) / 1000
  const lease = ports.lease ?? (await takeLock(scope, ports))
  if (lease === undefined) return { ...NOTHING, seconds: seconds() }
  try {
    return { ...(await recoverUnder(lease, scope, ports, options)), seconds: seconds() }
  } finally {
    if (ports.lease === undefined) await lease.release()
  }
}

async function recoverUnder(
  lease: HeldLease,
  scope: RecoveryScope,
  ports: RecoveryPorts,
  options: RecoveryOptions,
): Promise<Omit<RecoveryEnd, 'seconds'>> {
  const journal = await openOwn(scope, ports, lease)
  requireKnown(journal, scope, scope.flags)
  const entry = await deadDeploy(journal, scope, ports.signal)
  const inspected = entry === undefined ? undefined : await inspect(entry, journal, scope, ports)
  sayNotes(journal, inspected, ports)
  const known = await knownReleases(scope, journal, inspected, ports.signal)
  const foreign = foreignPending(known, inspected?.entry)
  const refused = options.adoptPending ? undefined : foreignError(known, scope.flags, inspected?.entry)
  if (refused !== undefined) throw refused
  const plan = planOf(inspected, foreign, options)
  const found: Findings = { entry: inspected?.entry, plan, foreign }
  const live = journal.live?.number
  const nothing = inspected === undefined && foreign.length === 0
  if (!options.dryRun) await sayKilledPauses(journal, lease, scope, ports)
  const { width, mask } = ports.screen
  const screen = { now: ports.clock.now(), width, mask }
  if (!nothing) ports.say([...recoveryRows(inspected?.entry, plan, live, screen), ''])
  const base = { ...found, live, steps: [], why: undefined, releases: revisionsOf(known, new Map()) }
  if (nothing || options.dryRun) return { ...base, outcome: nothing ? 'unchanged' : 'planned' }
  const adopted = await Promise.all(foreign.map(async (one) => await inspectForeign(one, scope, ports.signal)))
  const done = await act({ scope, ports, journal, lease, inspected, adopted }, plan, options)
  return { ...base, ...done, releases: revisionsOf(known, done.after) }
}

/** Nothing of a release was written by it, so nothing goes back: what rests is woken by `forge resume`. */
async function sayKilledPauses(
  journal: Journal,
  lease: HeldLease,
  { environment }: Pick<RecoveryScope, 'environment'>,
  { say }: RecoveryPorts,
): Promise<void> {
  const killed = await closeKilled(journal, lease)
  if (killed.length > 0)
    say([
      `${killed.map((number) => `#${number}`).join(', ')} was killed while it paused or woke ${environment}: what rests stays so; forge pause goes on, forge resume undoes it`,
    ])
}

function sayNotes(journal: Journal, inspected: Inspected | undefined, { say }: RecoveryPorts): void {
  const notes = [
    ...unreadEntries(journal),
    ...(inspected?.releases ?? []).flatMap(recordNotes),
    ...(inspected === undefined ? [] : leftInVault(inspected.entry)),
  ]
  if (notes.length > 0) say(notes.map((text) => `warning  ${text}`))
}

function recordNotes({ name, outdated, unread }: InspectedRelease): string[] {
  const mended = `helm's records of ${name} name a version of an API that is not served any more: before helm goes back they are rewritten to one that is`
  return [...unread, ...(outdated ? [mended] : [])]
}

const NOTHING: Omit<RecoveryEnd, 'seconds'> = {
  ...{ outcome: 'unchanged', entry: undefined, plan: { actions: [], end: 'restored' }, foreign: [], live: undefined },
  ...{ steps: [], releases: [], why: undefined },
}

/** Undefined: there is no namespace, so nothing was ever deployed there, and there is nowhere to keep a lock. */
async function takeLock(
  { cluster, project, namespace }: RecoveryScope,
  ports: RecoveryPorts,
): Promise<HeldLease | undefined> {
  const { clock, runner, say, signal, waitForLockMs: waitMs, refuseReleased } = ports
  const note = (text: string): void => say([text])
  const request = { cluster, clock, project, namespace, holder: runner, note, waitMs, refuseReleased }
  try {
    return await acquireLease(request, signal)
  } catch (error) {
    // A Lease can be made in every namespace that is there.
    if (!(error instanceof ForgeError) || error.code !== 'E_API_NOT_FOUND') throw error
    note(
      `${(await missingNamespace(namespace, cluster, signal)) ?? `there is no namespace ${namespace}`}: nothing is deployed there`,
    )
    return undefined
  }
}

async function openOwn(
  { cluster, project, namespace }: RecoveryScope,
  { clock, codec, redactor, events, signal }: RecoveryPorts,
  lease: HeldLease,
): Promise<Journal> {
  return await openJournal(
    { cluster, clock, codec, redactor, events, project, namespace, floor: lease.lastDeploy },
    signal,
  )
}

/** One that was interrupted, or whose entry was closed although helm was ended in the middle of it. */
async function deadDeploy(
  { interrupted, entries: [newest] }: Journal,
  { cluster }: RecoveryScope,
  signal: AbortSignal,
): Promise<JournalEntry | undefined> {
  if (interrupted !== undefined || newest?.state !== 'failed') return interrupted
  const releases = newest.releases.map(async ({ name, namespace }) => {
    return { name, namespace, history: await cluster.history(name, namespace, signal) }
  })
  return strandedDeploy(newest, await Promise.all(releases))
}

/** Of the interrupted deploy, of forge.yaml, and of the deploy that runs. */
async function knownReleases(
  { cluster, releases }: RecoveryScope,
  journal: Journal,
  inspected: Inspected | undefined,
  signal: AbortSignal,
): Promise<KnownRelease[]> {
  const names = new Map(
    [...(journal.entries[0]?.releases ?? []), ...releases].map(({ name, namespace }) => [name, namespace]),
  )
  for (const { name } of inspected?.releases ?? []) names.delete(name)
  const others = await Promise.all(
    [...names].map(async ([name, namespace]) => ({
      name,
      namespace,
      history: await cluster.history(name, namespace, signal),
    })),
  )
  return [...(inspected?.releases ?? []), ...others]
}

function planOf(
  inspected: Inspected | undefined,
  foreign: readonly ForeignPending[],
  { leave = false }: Pick<RecoveryOptions, 'leave'>,
): RecoveryPlan {
  const decided: RecoveryPlan = inspected === undefined ? { actions: [], end: 'restored' } : decideRecovery(inspected)
  const own = leave ? leftAsItIs(decided) : decided
  return { ...own, actions: [...foreign.flatMap(adoptPending), ...own.actions] }
}

async function act(
  scene: Scene,
  plan: RecoveryPlan,
  { prove }: Pick<RecoveryOptions, 'prove'>,
): Promise<Pick<RecoveryEnd, 'outcome' | 'steps' | 'why'> & { readonly after: ReadonlyMap<string, number> }> {
  const { scope, ports, journal, lease, inspected, adopted } = scene
  const releases = [...(inspected?.releases ?? []), ...adopted]
  await refuseOwned(plan, releases, scope, ports.signal)
  const record = inspected === undefined ? undefined : journal.resume(inspected.entry, lease.signal)
  // A rollback of helm is never cut off, so the lock is needed after Ctrl-C too.
  const whole = new AbortController().signal
  const confirm = async (): Promise<void> => await lease.confirm(whole)
  const hold: Hold = { record, lost: lease.signal, confirm, guard: confirm }
  const steps = recordSteps(ports, (step) => step === RECOVERY)
  let after: ReadonlyMap<string, number> = new Map()
  let why: NotAsBefore | undefined
  const answering = { ...ports, stopping: stoppingRecovery(ports) }
  const recovery = runStep(answering, RECOVERY, async (report) => {
    const by = { scope, ports, hold, tell: report.detail }
    if (record !== undefined) await lendForRecovery(record, { plan, journal, confirm }, scope, ports, lease.signal)
    after = await carryOutRecovery(plan.actions, releases, by)
    if (prove && plan.end === 'restored' && changes(plan.actions)) {
      why = await proveBack(journal.live, releases, after, by)
    }
    if (record !== undefined) await endMigration(record, { plan, why, journal, confirm }, scope, ports, lease.signal)
    return recoveredDetail(plan, after, why)
  })
  await recovery.catch((error: unknown) => {
    throw halfWay(error, scope, ports)
  })
  const { end } = plan
  const isReached = end === 'restored' || end === 'uninstalled' || end === 'deployed'
  const state = isReached && why === undefined ? end : 'failed'
  if (record !== undefined) {
    for (const [name, revision] of after) record.release(name, revision)
    for (const { name, database } of releases) if (database !== undefined) record.database(name, database)
    await record.finish(
      state,
      state === end && state !== 'restored' ? undefined : verdictOf(record.entry, scene, plan, whyNotBack(plan, why)),
    )
  }
  return { outcome: state, steps, why, after }
}

function changes(actions: readonly RecoveryAction[]): boolean {
  return actions.some(({ kind }) => kind === 'roll-back' || kind === 'restore-secret' || kind === 'give-back')
}

/** What `forge history` tells of a deploy that did not live to say it. */
function verdictOf(
  entry: JournalEntry,
  { ports, inspected, scope }: Scene,
  { definitions = [] }: RecoveryPlan,
  why: string | undefined,
): JournalVerdict {
  const dead = inspected?.entry ?? entry
  return {
    code: 'E_INTERRUPTED',
    message: `${whatHappened(dead)}; put right by ${ports.runner.identity}`,
    chain: [
      `deploy #${dead.number}`,
      stoppedAt(dead),
      ...(why === undefined ? [] : [why]),
      ...definitions.map(({ ref }) => `${nameOf(ref)} stays`),
    ],
    hint: forge('history', String(dead.number), ...scope.flags),
    log: [],
  }
}

function revisionsOf(known: readonly KnownRelease[], after: ReadonlyMap<string, number>): RecoveryEnd['releases'] {
  return known.map(({ name, history }) => {
    const before = history[0]?.revision ?? null
    return { name, before, after: after.get(name) ?? before }
  })
}
