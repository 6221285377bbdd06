import { bugOf, stackOf, type ForgeError } from '../../errors.ts'
import { forge, type Hint, kubectl, sequence } from '../../hint.ts'
import { verdictOf } from '../../domain/journal/entry.ts'
import { keyOf } from '../../domain/kube.ts'
import { isHalfMigrated, isLeavingHelm } from '../../domain/migrate/undo.ts'
import { isBack, type BackEnd, type CutOff } from '../../domain/restore/model.ts'
import { backWords, type BackScene } from '../../screen/way-back.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import { runStep } from '../step.ts'
import type { Followed } from '../phases/applied.ts'
import type { Outcome } from '../phases/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { keptDefinitions, takeBackDefinitions } from './take-back-definitions.ts'
import { saveEvidence, type SavedEvidence } from './evidence.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { noteLeft, stillRunning } from './what-runs.ts'
import { rollBack } from './rollback.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { isBug, keepStack, withStack } from './stack.ts'
import { leftStuck, settleStuck } from './stuck.ts'
import { stoppingOf } from './stopping.ts'
import { responsibleLine } from './blame.ts'
import { inAnyCase } from '../in-any-case.ts'

export interface RestoreEnd {
  readonly outcome: Outcome
  readonly error: ForgeError
  readonly evidence: string | undefined
}

/** What has failed, and what there is to go back with. */
interface Failed {
  readonly context: Followed
  readonly ports: DeployPorts
  readonly session: WriteSession
}

const INTERRUPTED = [130, 143]

/** After a failure in steps 6 to 10: evidence first, because a rollback destroys it; then back to what ran before. */
export async function restore(failed: Failed, cause: ForgeError): Promise<RestoreEnd> {
  const { context, ports, session } = failed
  const kept = ports.leave.aborted ? undefined : await keepEvidence(failed, cause)
  const evidence = kept?.path
  session.record.evidence(evidence)
  // Beside the rollback: a disk that hangs must not hold it up.
  const located = withStack(await withPlace(cause, context, ports), kept?.folder, context, ports)
  const isStaying = ports.leave.aborted || !context.options.rollback || isLeavingHelm(session.record.entry)
  if (session.signal.aborted || isStaying) return await giveUp(failed, await located, evidence)
  const end = await returnToBefore(failed, kept)
  // What is left is a help for the next deploy; the end of this one must be told all the same.
  const isBackAgain = isBack(end)
  if (!isBackAgain) await inAnyCase(noteLeft(context, session.signal), ports)
  const error = await located
  const state = await stateOf(error, end, failed)
  const told = error.with({ ...nextAfter(error, end, state, context, ports), exit: exitOf(error, isBackAgain) })
  await session.finish(state, verdictOf(told, error instanceof JudgedFailure ? error.lines : []))
  return { outcome: stopped(error, isBackAgain ? 'restored' : 'failed'), error: told, evidence }
}

/** The lock was held by somebody else, or the deploy had nothing to change. */
export function withoutWriting({ unchanged }: Planned, cause: ForgeError): Outcome {
  return stopped(cause, (unchanged && cause.exitStatus === 5) || isBug(cause) ? 'failed' : 'refused')
}

/** The same failure, with the line of the project that it most likely comes from. */
async function withPlace(error: ForgeError, context: Followed, ports: DeployPorts): Promise<ForgeError> {
  if (!(error instanceof JudgedFailure)) return error
  // A help for the reader; without it the old state must come back all the same.
  const look = async (): Promise<string | undefined> => await Promise.resolve(responsibleLine(error.failed, context))
  const where = await inAnyCase(look(), ports)
  return where === undefined ? error : new JudgedFailure(error.failed, error.lines, where)
}

function stopped(error: ForgeError, otherwise: Outcome): Outcome {
  return INTERRUPTED.includes(error.exitStatus) ? 'interrupted' : otherwise
}

/**
 * An entry that is `failed` is closed. While helm is in the middle of the way back it stays open, as after a second signal:
 * whoever comes next ends it at what ran before, and not at the newest revision that helm calls deployed.
 */
async function stateOf(
  error: ForgeError,
  end: BackEnd,
  { context, ports, session }: Failed,
): Promise<'interrupted' | 'restored' | 'failed'> {
  if (isBack(end)) return 'restored'
  if (INTERRUPTED.includes(error.exitStatus) || ports.leave.aborted) return 'interrupted'
  // What ran before helm is still marked as a release's.
  if (isHalfMigrated(session.record.entry)) return 'interrupted'
  const isOver =
    end.back.kind === 'broke-off'
      ? !(await leftStuck(context, ports, session))
      : await settleStuck(context, ports, session)
  return isOver ? 'failed' : 'interrupted'
}

function exitOf(error: ForgeError, restored: boolean): number {
  if (INTERRUPTED.includes(error.exitStatus)) return error.exitStatus
  if (!restored) return 5
  return isBug(error) ? error.exitStatus : 4
}

/** What is, and the one safe command. */
function nextAfter(
  error: ForgeError,
  end: BackEnd,
  state: 'interrupted' | 'restored' | 'failed',
  context: Followed,
  { leave }: Pick<DeployPorts, 'leave'>,
): { readonly now: string; readonly hint: Hint } {
  const { now, hint } = backWords(end, sceneOf(context))
  if (isBack(end)) return { now, hint: hintOnceRestored(error, context) }
  if (leave.aborted) return { now, hint: hint ?? goOn(context) }
  if (state === 'failed' || INTERRUPTED.includes(error.exitStatus))
    return { now, hint: hint ?? recoveryHint(error, context) }
  return { now: `${now}; forge recover goes on with it`, hint: goOn(context) }
}

function sceneOf({ project: { environment }, liveEntry }: Followed): BackScene {
  return { environment: environment.name, namespace: environment.namespace, live: liveEntry?.number }
}

/** The rollback has taken the failing pods away; what they said is in the journal. */
function hintOnceRestored(error: ForgeError, context: Followed): Hint {
  const podsGone = error instanceof JudgedFailure && error.failed.failure.pods !== undefined
  return podsGone ? toldBy(context) : error.hint
}

function toldBy({ number, project }: Followed): Hint {
  return forge('history', String(number), '--env', project.environment.name)
}

function goneOnFailure(target: StageTarget, releases: Followed['releases']): boolean {
  const key = keyOf(target)
  return releases.some(({ rendered }) =>
    rendered.some(({ object, hook }) => hook?.deletePolicy.includes('hook-failed') === true && keyOf(object) === key),
  )
}

/**
 * The one safe command. Nothing was taken back: what failed is there, and shows why (a hook that helm removes is told by the
 * journal). Else deploying again takes up what is there.
 */
function recoveryHint(error: ForgeError, context: Followed): Hint {
  const { project, releases, policy } = context
  const { name, namespace } = project.environment
  if (error instanceof JudgedFailure && releases.every(({ progress }) => !progress.takenBack))
    return goneOnFailure(error.failed.target, releases) ? toldBy(context) : error.hint
  const isMigration = policy.act.name === 'migration'
  return sequence(kubectl(['get', 'pods'], namespace), isMigration ? policy.again : forge('deploy', '--env', name))
}

function goOn({ project }: Followed): Hint {
  return forge('recover', '--env', project.environment.name)
}

async function giveUp(
  { context, ports, session }: Failed,
  error: ForgeError,
  evidence: string | undefined,
): Promise<RestoreEnd> {
  const isLost = session.signal.aborted
  if (!isLost && !ports.leave.aborted)
    await inAnyCase(noteLeft(context, AbortSignal.any([ports.leave, session.signal])), ports)
  const back = notBegun(context, ports, session)
  const exit = INTERRUPTED.includes(error.exitStatus) ? error.exitStatus : 5
  const isCut = ports.leave.aborted || back.kind === 'leaving-helm'
  const hint = isCut ? goOn(context) : recoveryHint(error, context)
  const { now } = backWords({ back, definitions: keptDefinitions(context) }, sceneOf(context))
  const told = error.with({ now, exit, hint })
  const isLeft = INTERRUPTED.includes(exit) || isCut
  const isOpen = isLeft || (!session.signal.aborted && !(await settleStuck(context, ports, session)))
  if (!session.signal.aborted) await session.finish(isOpen ? 'interrupted' : 'failed', verdictOf(told))
  return { outcome: stopped(error, 'failed'), error: told, evidence }
}

function notBegun(context: Followed, { leave }: Pick<DeployPorts, 'leave'>, { signal, record }: WriteSession): CutOff {
  if (signal.aborted) return { kind: 'lock-lost' }
  if (isLeavingHelm(record.entry)) return { kind: 'leaving-helm' }
  return leave.aborted ? { kind: 'not-begun' } : { kind: 'not-asked', ran: stillRunning(context) }
}

async function keepEvidence(
  { context, ports, session }: Failed,
  error: ForgeError,
): Promise<SavedEvidence | undefined> {
  let saved: SavedEvidence | undefined
  const answering = { ...ports, stopping: stoppingOf(context, ports, session) }
  const saving = runStep(answering, { index: 0, total: 0, name: 'evidence' }, async () => {
    saved = await saveEvidence(context, ports, error)
    return saved.why === undefined ? `${saved.files} files` : `not kept: ${saved.why}`
  })
  // A disk that is full must not keep the old state from coming back; the step is marked as failed.
  await inAnyCase(saving, ports)
  return saved
}

async function returnToBefore(failed: Failed, kept: SavedEvidence | undefined): Promise<BackEnd> {
  const { context, ports, session } = failed
  let end: BackEnd = {
    back: { kind: 'broke-off', why: 'it did not come to its end', file: undefined },
    definitions: [],
  }
  const answering = { ...ports, stopping: stoppingOf(context, ports, session) }
  try {
    await runStep(answering, { index: 0, total: 0, name: 'rollback' }, async (report) => {
      end = await rollBack(context, { ports, report, session })
      end = { ...end, definitions: [...end.definitions, ...(await takeBackDefinitions(context, ports, session))] }
      return backWords(end, sceneOf(context)).detail
    })
  } catch (error) {
    end = { ...end, back: await brokeOff(bugOf(error), kept, failed) }
  }
  return end
}

/** What ended a rollback; of a bug with the file of its stack. */
async function brokeOff(
  error: ForgeError,
  kept: SavedEvidence | undefined,
  { context, ports }: Failed,
): Promise<CutOff> {
  if (ports.leave.aborted) return { kind: 'left' }
  const why = error.message
  if (!isBug(error)) return { kind: 'broke-off', why, file: undefined }
  const file = await keepStack(error, 'rollback-stack.txt', kept?.folder, context, ports)
  if (file === undefined) ports.say([stackOf(error) ?? why])
  return { kind: 'broke-off', why, file }
}
