import { tellWorkloads } from '../run-events.ts'
import { keyOf } from '../../domain/kube.ts'
import { helmOwner } from '../../domain/plan/ownership.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import type { NotAsBefore, RecoveryAction } from '../../domain/recovery/model.ts'
import { operationOf } from '../../domain/recovery/decide.ts'
import { ForgeError } from '../../errors.ts'
import { forge, sequence } from '../../hint.ts'
import { readLive } from '../observe/live.ts'
import { stillRuns, waitThen } from '../../screen/way-back.ts'
import { giveBack } from '../restore/give-back.ts'
import { waitForJobs } from '../restore/pending-jobs.ts'
import { plansBack } from '../../domain/plan/plans-back.ts'
import type { Held } from '../restore/take-release-back.ts'
import { judgeWritten, underWatch } from '../prove/under-watch.ts'
import type { JournalEntry, JournalTake } from '../../domain/journal/model.ts'
import type { DeployRecord } from '../state/journal.ts'
import { settleRecord } from '../state/release-record.ts'
import { readRevision } from '../state/secret-revisions.ts'
import type { StepReport } from '../step.ts'
import { projectIn, stagesOf, visibleStages, type InspectedRelease } from './inspect.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'
import { rollBackRelease } from './roll-back-release.ts'

/** What a recovery writes with: proof of the lock before each write, and the journal around it. */
export interface Hold extends Held {
  readonly record: DeployRecord | undefined
  /** Aborts when the lock is lost. */
  readonly lost: AbortSignal
}

/** What is recovered, through which ports, and the step that tells of it. */
export interface Recovering {
  readonly scope: RecoveryScope
  readonly ports: RecoveryPorts
  readonly hold: Hold
  readonly tell: StepReport['detail']
}

/**
 * Carries the actions out in their order. Ctrl-C ends it between two of them: what is left is found again. Throws
 * E_JOB_RUNNING (exit status 5) before anything is touched, where a Job does not end in its time.
 */
export async function carryOutRecovery(
  actions: readonly RecoveryAction[],
  releases: readonly InspectedRelease[],
  by: Recovering,
): Promise<ReadonlyMap<string, number>> {
  const { scope, ports, hold, tell } = by
  const after = new Map<string, number>()
  for (const action of actions) {
    ports.signal.throwIfAborted()
    tell({ doing: 'recovery', action })
    if (action.kind === 'roll-back') {
      const back = rollBackRelease(action, releaseOf(action, releases), by)
      const { revision } = await back.catch((error: unknown) => {
        throw noWayBack(error, action.release, scope)
      })
      if (revision !== undefined) after.set(action.release, revision)
      continue
    }
    await hold.confirm()
    const operation = operationOf(action)
    if (operation !== undefined) await hold.record?.step(operation, 'running', action.because)
    await carryOutOne(action, releases, by)
    if (operation !== undefined) await hold.record?.step(operation, 'done')
  }
  return after
}

async function carryOutOne(
  action: Exclude<RecoveryAction, { kind: 'roll-back' }>,
  releases: readonly InspectedRelease[],
  by: Recovering,
): Promise<void> {
  const { scope, ports } = by
  const { confirm, lost } = by.hold
  const { cluster, project, namespace } = scope
  if (action.kind === 'restore-secret') {
    const old = await readRevision({ cluster, project, namespace }, action.secret, action.to, lost)
    await confirm()
    await cluster.apply(old, lost)
    return
  }
  const release = releaseOf(action, releases)
  if (action.kind === 'give-back') {
    const since = ({ from, namespace }: JournalTake): number =>
      releases.find((one) => one.name === from && one.namespace === namespace)?.since ?? 0
    const takes = release.takes.map((one) => {
      return { from: { name: one.from, namespace: one.namespace, since: since(one) }, objects: one.objects }
    })
    const scene = { cluster, codec: ports.codec, confirm, resources: await cluster.resources(lost) }
    return await giveBack({ taker: release, takes }, scene, lost)
  }
  if (action.kind === 'wait') return await waitForEnd(release, by)
  const at = { cluster, codec: ports.codec, release: release.name, namespace: release.namespace }
  await settleRecord(at, action.revision, `Interrupted: forge put it right (it was ${action.status})`, lost)
}

function releaseOf({ release }: { readonly release: string }, releases: readonly InspectedRelease[]): InspectedRelease {
  const found = releases.find(({ name }) => name === release)
  if (found === undefined) throw new Error(`release ${release} was not looked at`)
  return found
}

/** What makes helm's rollback fail once may do so each time: going forward is a way out, too. */
function noWayBack(error: unknown, release: string, { flags }: RecoveryScope): unknown {
  if (!(error instanceof ForgeError) || error.code !== 'E_HELM') return error
  return error.with({
    now: `release ${release} is as helm has left it, neither what ran before nor what was deployed; forge recover tries again, with --leave the next deploy goes forward from it`,
    hint: sequence(forge('recover', ...flags, '--leave'), forge('deploy', ...flags)),
  })
}

/** With the stages of the interrupted deploy: they say how long a Job without a deadline may take. */
async function waitForEnd(
  { rendered, previous, jobs }: InspectedRelease,
  { scope, ports, hold, tell }: Recovering,
): Promise<void> {
  const entry = hold.record?.entry
  const signal = AbortSignal.any([ports.signal, hold.lost])
  const objects = ownObjects(rendered)
  const stages = stagesOf(entry, objects)
  const scene = { ...projectIn(scope), stages }
  const { running } = await waitForJobs(
    { leaving: jobs, to: previous, untilEnded: true },
    scene,
    ports,
    { detail: tell },
    signal,
  )
  if (running.length === 0) return
  const [first] = running
  throw new ForgeError('E_JOB_RUNNING', stillRuns(running), {
    hint: waitThen(running, scope.namespace, forge('recover', ...scope.flags)),
    where: `${first ?? 'a Job'}, namespace ${scope.namespace}`,
    now: `nothing was rolled back: what ${entry === undefined ? 'was found' : `#${entry.number} made`} stays as it is`,
    exit: 5,
  })
}

/**
 * Waits until what ran before is ready again, with the stages of that deploy. Undefined: it is; else why not. `back`: the
 * releases that helm has brought back; in the others nobody makes a Job again that its TTL took away long ago.
 */
export async function proveBack(
  live: JournalEntry | undefined,
  releases: readonly InspectedRelease[],
  back: ReadonlyMap<string, number>,
  { scope, ports: { clock, signal, events }, hold: { confirm }, tell }: Recovering,
): Promise<NotAsBefore | undefined> {
  const objects = releases.flatMap(({ name, previous, live: found }) =>
    ownObjects(previous).filter((object) => object.kind !== 'Job' || back.has(name) || found.has(keyOf(object))),
  )
  const stages = await visibleStages(live, objects, scope, signal)
  const { cluster, namespace } = scope
  const watching = { clock, tell: tellWorkloads(events, 'back') }
  return await underWatch(projectIn(scope), watching, stages, signal, async (follower) => {
    const said = (_set: string, text: string): void => tell(text)
    await judgeWritten({ follower, cluster, stages, namespace, isBack: true, confirm, tell: said }, signal)
    for (const { name } of stages) {
      const end = await follower.stage(name, (stage) => tell({ stage }))
      if (end.state !== 'ready')
        return { kind: 'not-ready', message: end.state === 'failed' ? end.failed.failure.message : undefined }
    }
    return await notAsBefore(releases, back, scope, signal)
  })
}

/**
 * Ready now, and all the same not as before: what is gone in a moment, and what only the interrupted deploy made and was to go
 * with it.
 */
async function notAsBefore(
  releases: readonly InspectedRelease[],
  back: ReadonlyMap<string, number>,
  { cluster }: RecoveryScope,
  signal: AbortSignal,
): Promise<NotAsBefore | undefined> {
  const facts = { resources: await cluster.resources(signal) }
  const live = await readLive({ releases, facts, cluster }, { signal })
  const own = releases.flatMap(({ previous }) => ownObjects(previous))
  const leaving = own.flatMap((object) => live.get(keyOf(object)) ?? []).filter(isLeaving)
  if (leaving.length > 0) return { kind: 'leaving', objects: leaving }
  const there = releases
    .filter(({ name }) => back.has(name))
    .flatMap(({ name, previous, rendered }) => plansBack(name, { wanted: previous, present: rendered, live }))
    .flatMap(({ action, ref, release }) => {
      const object = action === 'delete' ? live.get(keyOf(ref)) : undefined
      // What went back to another release was this one's only in between.
      return object === undefined || (helmOwner(object)?.name ?? release) !== release ? [] : [object]
    })
    .filter((object) => !isLeaving(object))
  return there.length === 0 ? undefined : { kind: 'left-behind', objects: there }
}
