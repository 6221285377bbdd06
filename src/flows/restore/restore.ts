import { bugOf, stackOf, type ForgeError } from '../../errors.ts'
import { forge, type Hint, kubectl, sequence } from '../../hint.ts'
import { verdictOf } from '../../domain/journal/entry.ts'
import { keyOf } from '../../domain/kube.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import { runSteps, step } from '../step.ts'
import type { Followed } from '../phases/applied.ts'
import type { Outcome } from '../phases/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { keptDefinitions, takeBackDefinitions } from './take-back-definitions.ts'
import { saveEvidence, type SavedEvidence } from './evidence.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { noteLeft, standsNow } from './what-runs.ts'
import { rollBack } from './rollback.ts'
import type { RollbackEnd } from './rollback-end.ts'
import type { Run } from '../apply/run.ts'
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

const INTERRUPTED = [130, 143]

/** After a failure in steps 6 to 10: evidence first, because a rollback destroys it; then back to what ran before. */
export async function restore(context: Followed, ports: DeployPorts, run: Run, cause: ForgeError): Promise<RestoreEnd> {
  const kept = ports.leave.aborted ? undefined : await keepEvidence(context, ports, cause)
  const evidence = kept?.path
  // Beside the rollback: a disk that hangs must not hold it up.
  const located = withStack(await withPlace(cause, context, ports), kept?.folder, context, ports)
  if (run.signal.aborted || ports.leave.aborted || !context.options.rollback)
    return await giveUp(context, ports, run, await located, evidence)
  const end = await returnToBefore(context, ports, run, kept)
  // What is left is a help for the next deploy; the end of this one must be told all the same.
  if (!end.restored) await inAnyCase(noteLeft(context, run.signal), ports)
  const error = await located
  const state = await stateOf(error, end, context, ports, run)
  const told = error.with({ ...nextAfter(error, end, state, context, ports), exit: exitOf(error, end) })
  await run.finish(state, verdictOf(told, error instanceof JudgedFailure ? error.lines : []))
  return { outcome: stopped(error, end.restored ? 'restored' : 'failed'), error: told, evidence }
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
  { restored, unfinished = false }: RollbackEnd,
  context: Followed,
  ports: DeployPorts,
  run: Run,
): Promise<'interrupted' | 'restored' | 'failed'> {
  if (restored) return 'restored'
  if (INTERRUPTED.includes(error.exitStatus) || ports.leave.aborted) return 'interrupted'
  const isOver = unfinished ? !(await leftStuck(context, ports, run)) : await settleStuck(context, ports, run)
  return isOver ? 'failed' : 'interrupted'
}

function exitOf(error: ForgeError, { restored }: RollbackEnd): number {
  if (INTERRUPTED.includes(error.exitStatus)) return error.exitStatus
  if (!restored) return 5
  return isBug(error) ? error.exitStatus : 4
}

/** What is, and the one safe command. */
function nextAfter(
  error: ForgeError,
  { restored, now, hint }: RollbackEnd,
  state: 'interrupted' | 'restored' | 'failed',
  context: Followed,
  { leave }: Pick<DeployPorts, 'leave'>,
): { readonly now: string; readonly hint: Hint } {
  if (restored) return { now, hint: hintOnceRestored(error, context) }
  if (leave.aborted) return { now, hint: hint ?? goOn(context) }
  if (state === 'failed' || INTERRUPTED.includes(error.exitStatus))
    return { now, hint: hint ?? recoveryHint(error, context) }
  return { now: `${now}; forge recover goes on with it`, hint: goOn(context) }
}

/** The rollback has taken the failing pods away; what they said is in the journal. */
function hintOnceRestored(error: ForgeError, context: Followed): Hint {
  const podsGone = error instanceof JudgedFailure && error.failed.failure.pods !== undefined
  return podsGone ? toldBy(context) : error.hint
}

function toldBy({ number, project }: Followed): Hint {
  return forge('history', String(number), '--env', project.environment.name)
}

function goneOnFailure(target: StageTarget, works: Followed['works']): boolean {
  const key = keyOf(target)
  return works.some(({ rendered }) =>
    rendered.some(({ object, hook }) => hook?.deletePolicy.includes('hook-failed') === true && keyOf(object) === key),
  )
}

/**
 * The one safe command. Nothing was taken back: what failed is there, and shows why (a hook that helm removes is told by the
 * journal). Else deploying again takes up what is there.
 */
function recoveryHint(error: ForgeError, context: Followed): Hint {
  const { project, works } = context
  const { name, namespace } = project.environment
  if (error instanceof JudgedFailure && works.every(({ progress }) => !progress.takenBack))
    return goneOnFailure(error.failed.target, works) ? toldBy(context) : error.hint
  return sequence(kubectl(['get', 'pods'], namespace), forge('deploy', '--env', name))
}

function goOn({ project }: Followed): Hint {
  return forge('recover', '--env', project.environment.name)
}

async function giveUp(
  context: Followed,
  ports: DeployPorts,
  run: Run,
  error: ForgeError,
  evidence: string | undefined,
): Promise<RestoreEnd> {
  const left = ports.leave.aborted
    ? 'everything stays as it is; the next deploy, or forge recover, puts it right first'
    : undefined
  if (!run.signal.aborted && !ports.leave.aborted)
    await inAnyCase(noteLeft(context, AbortSignal.any([ports.leave, run.signal])), ports)
  const why = run.signal.aborted
    ? 'the lock was lost, so nothing more was touched'
    : (left ?? `--no-rollback: ${standsNow(context)}`)
  const exit = INTERRUPTED.includes(error.exitStatus) ? error.exitStatus : 5
  const hint = left === undefined ? recoveryHint(error, context) : goOn(context)
  const told = error.with({ now: [why, ...keptDefinitions(context)].join('; '), exit, hint })
  const isLeft = INTERRUPTED.includes(exit) || ports.leave.aborted
  const isOpen = isLeft || (!run.signal.aborted && !(await settleStuck(context, ports, run)))
  if (!run.signal.aborted) await run.finish(isOpen ? 'interrupted' : 'failed', verdictOf(told))
  return { outcome: stopped(error, 'failed'), error: told, evidence }
}

async function keepEvidence(
  context: Followed,
  ports: DeployPorts,
  error: ForgeError,
): Promise<SavedEvidence | undefined> {
  let saved: SavedEvidence | undefined
  const task = step<Followed>(ports, { index: 0, total: 0, name: 'evidence' }, async () => {
    saved = await saveEvidence(context, ports, error)
    return `${saved.files} files`
  })
  // A disk that is full must not keep the old state from coming back; the step is marked as failed.
  await inAnyCase(runSteps(context, [task], ports), ports)
  return saved
}

async function returnToBefore(
  context: Followed,
  ports: DeployPorts,
  run: Run,
  kept: SavedEvidence | undefined,
): Promise<RollbackEnd> {
  let end: RollbackEnd = { restored: false, now: 'the rollback did not come to its end', detail: '' }
  const answering = { ...ports, stopping: stoppingOf(context, ports) }
  const task = step<Followed>(answering, { index: 0, total: 0, name: 'rollback' }, async (one, report) => {
    end = await rollBack(one, ports, report, run)
    end = (await takeBackDefinitions(one, ports, run))(end)
    return end.detail
  })
  try {
    await runSteps(context, [task], ports)
  } catch (error) {
    const why = await withStackOf(bugOf(error), kept, context, ports)
    const now = ports.leave.aborted
      ? 'a second signal ended the rollback: everything stays as it is, and forge recover goes on with it'
      : `the rollback failed: ${why}`
    end = { ...end, now, unfinished: true }
  }
  return end
}

/** The sentence of what ended a rollback; that of a bug names the file with its stack. */
async function withStackOf(
  error: ForgeError,
  kept: SavedEvidence | undefined,
  context: Followed,
  ports: DeployPorts,
): Promise<string> {
  if (!isBug(error)) return error.message
  const file = await keepStack(error, 'rollback-stack.txt', kept?.folder, context, ports)
  if (file === undefined) ports.say([stackOf(error) ?? error.message])
  return file === undefined ? error.message : `${error.message} (${file})`
}
