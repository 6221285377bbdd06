import { type Losses, NO_LOSSES } from '../phases/planned.ts'
import { verdictOf } from '../../domain/journal/entry.ts'
import { nameOf } from '../../domain/kube.ts'
import { lossText, type Loss } from '../../domain/plan/losses.ts'
import { ownedClaim, type OwnedClaim } from '../../domain/plan/uninstall.ts'
import type { Uninstalled } from '../../screen/uninstall.ts'
import { ForgeError } from '../../errors.ts'
import { forge, helm, type HintPlace, sequence } from '../../hint.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { withStack } from '../restore/stack.ts'
import { leftStuck } from '../restore/stuck.ts'
import { verdictReport, type VerdictReport } from '../verdict-report.ts'
import { openWriteSession, type WriteSession } from '../apply/write-session.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { unreadEntries } from '../state/journal.ts'
import { openScope, type ScopeRequest } from '../state/scope.ts'
import { begun } from '../run-events.ts'
import { runStep } from '../step.ts'
import { installed, openRemoval, planRemovals, type Removal, type Removals, type UninstallScope } from './prepare.ts'
import { leftOf } from './left.ts'
import { requireWritable } from '../observe/gitops.ts'
import { ownedRemovals } from './owned.ts'
import { deleteClaims, removeReleases } from './remove.ts'
import { settleUninstalling } from './settle.ts'
import { stoppingUninstall } from './stopping.ts'
import { inAnyCase } from '../in-any-case.ts'

export interface UninstallRequest {
  readonly scope: ScopeRequest
  readonly yes: boolean
  readonly dryRun: boolean
  readonly deleteData: boolean
  /** `--confirm NAME`: the environment's. */
  readonly confirm: string | undefined
  /** How long what helm has deleted may take to be gone. Undefined: two minutes. */
  readonly timeoutMs: number | undefined
}

/** The `--json` result of `forge uninstall`. Its fields are public. */
export interface UninstallReport extends Uninstalled {
  readonly apiVersion: 'forge/v1'
  readonly command: 'uninstall'
  readonly verdict: VerdictReport | null
}

export interface UninstallEnd {
  readonly report: UninstallReport
  readonly error: ForgeError | undefined
  readonly flags: readonly string[]
}

/**
 * `forge uninstall`: takes the releases away under the lock and writes that into the journal. Data stays (claims, secrets,
 * and forge's own state), unless `deleteData` and the right name ask for the claims, too.
 */
export async function uninstall(
  ports: DeployPorts,
  request: UninstallRequest,
  show: (report: UninstallReport, deleteData: boolean) => readonly string[],
): Promise<UninstallEnd> {
  const scope = await recovered(await openScope(request.scope, ports), request.dryRun, ports)
  const opened = openRemoval(scope, request)
  if (opened !== undefined) ports.events.tell(begun('uninstall', scope.project, opened.project.environment))
  const planned = opened === undefined ? undefined : await planRemovals(opened, request.deleteData, ports)
  const found = planned?.found ?? NOTHING
  const removals = found.each
  tellUnknown(opened?.warnings ?? unreadEntries(scope.journal), found, ports)
  const claims = removals.flatMap(({ plan }) => plan.claims)
  const end: End = (outcome, { error, deleted = [], number = opened?.number ?? 0 } = {}) => ({
    report: reportOf(scope, { number, found, outcome, error, deleted }, ports.here),
    error,
    flags: scope.flags,
  })
  if (planned === undefined || isNothing(removals, request)) {
    if (scope.absent !== undefined) ports.say([`${scope.absent}: nothing is deployed there`])
    return end('unchanged')
  }
  const owned = ownedRemovals(found, planned.context, request.deleteData)
  if (request.dryRun) {
    ports.say(owned.flatMap(({ inPlan = [] }) => inPlan.map((text) => `warning  ${text}`)))
    return end('planned')
  }
  try {
    requireWritable(owned)
    checkName(request, scope, { ...found.losses, claims: request.deleteData ? claims : [] })
    await agree(request, scope, show(end('planned').report, request.deleteData), ports)
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  }
  return await carryOut(found, planned.context, ports, request, end)
}

/** A second run may still have data to delete that the first one kept. */
function isNothing(removals: readonly Removal[], { deleteData }: UninstallRequest): boolean {
  const claims = removals.flatMap(({ plan }) => plan.claims)
  return !removals.some(({ work }) => installed(work)) && (claims.length === 0 || !deleteData)
}

function tellUnknown(warnings: readonly string[], { others }: Removals, { say }: Pick<DeployPorts, 'say'>): void {
  const unknown = others.unknown.map((why) => `whether others use what goes: not checked, ${why}`)
  const all = [...warnings, ...unknown]
  if (all.length > 0) say(all.map((text) => `warning  ${text}`))
}

const NOTHING: Removals = { each: [], losses: NO_LOSSES, claims: [], others: { uses: [], unknown: [] } }

type End = (
  outcome: UninstallReport['outcome'],
  more?: { readonly error?: ForgeError; readonly deleted?: readonly string[]; readonly number?: number },
) => UninstallEnd

async function carryOut(
  found: Removals,
  plan: Applied,
  ports: DeployPorts,
  { deleteData }: UninstallRequest,
  end: End,
): Promise<UninstallEnd> {
  let session: WriteSession | undefined
  let context = plan
  try {
    const opened = await openWriteSession(plan, ports)
    const held = (session = opened.session)
    context = opened.context
    const locked = { ...ports, signal: AbortSignal.any([ports.signal, held.signal]) }
    let deleted: readonly string[] = []
    const answering = { ...ports, stopping: stoppingUninstall(found.each, ports) }
    await runStep(answering, { index: 1, total: 1, name: 'uninstall' }, async (report) => {
      const taken = await removeReleases(found.each, opened.context, locked, report, held)
      if (deleteData) deleted = await deleteClaims(found, opened.context, locked, held)
      return [taken, ...(deleted.length > 0 ? [`${deleted.length} claims deleted`] : [])].join(', ')
    })
    await held.guard()
    await held.finish('uninstalled')
    return end('uninstalled', { deleted, number: context.number })
  } catch (error) {
    const cause = refusal(error, ports.signal)
    if (session === undefined) return end(outcomeOf(cause), { error: cause })
    const { name, namespace } = context.project.environment
    const stopped = [130, 143].includes(cause.exitStatus)
    // One that cannot be put right now is found stuck below, and stays the next forge's.
    const settled = await inAnyCase(settleUninstalling(found.each, context, ports, session), ports)
    const told = (await withStack(cause, undefined, context, ports)).with({
      exit: stopped ? cause.exitStatus : 5,
      now: leftOf(found.each, settled),
      hint:
        cause.code === 'E_NOT_GONE'
          ? cause.hint
          : sequence(helm(['list', '--all'], namespace), forge('uninstall', '--env', name)),
    })
    // While helm calls it `uninstalling` the entry stays open: the next forge puts that right first.
    const isOpen = stopped || (await leftStuck(context, ports, session))
    await session.finish(isOpen ? 'interrupted' : 'failed', verdictOf(told))
    return end(stopped ? 'interrupted' : 'failed', { error: told, number: context.number })
  } finally {
    await session?.close()
  }
}

interface AtStake {
  readonly losses: readonly Loss[]
  readonly unknown: readonly string[]
  /** Those that --delete-data deletes. */
  readonly claims: readonly { readonly name: string }[]
}

/** `--yes` never covers the loss of data (docs/design.md, "Output"), and what nobody can look at may be lost. */
function checkName(
  { confirm, deleteData }: UninstallRequest,
  { environment, flags }: UninstallScope,
  { losses, unknown: [unknown], claims }: AtStake,
): void {
  if (confirm === environment || (losses.length === 0 && unknown === undefined && claims.length === 0)) return
  const given = confirm === undefined ? 'it was not given' : `${confirm} was given`
  const what =
    claims.length > 0
      ? `deleting the data of ${environment} needs --confirm ${environment}`
      : losses.length > 0
        ? `uninstalling would delete ${losses.map(lossText).join(', ')}, with the data: that needs --confirm ${environment}`
        : `whether data is deleted is unknown (${unknown ?? ''}): going on needs --confirm ${environment}`
  throw new ForgeError('E_CONFIRM_NAME', `${what}; ${given}`, {
    hint: forge('uninstall', ...flags, ...(deleteData ? ['--delete-data'] : []), '--dry-run'),
    where: '--confirm',
    problems: losses.map((loss) => ({ message: lossText(loss) })),
  })
}

async function agree(
  { yes, deleteData }: UninstallRequest,
  { environment, flags }: UninstallScope,
  rows: readonly string[],
  { ask, say, signal }: DeployPorts,
): Promise<void> {
  if (yes) return say(rows)
  const data = deleteData ? ['--delete-data', '--confirm', environment] : []
  const hint = forge('uninstall', ...flags, ...data, '--yes')
  if (ask === undefined)
    throw new ForgeError(
      'E_CONFIRMATION_REQUIRED',
      'taking releases away is asked about, and nobody can be asked here',
      {
        hint,
        where: `environment ${environment}`,
      },
    )
  const agreed = await ask([...rows, `Uninstall this from ${environment}? (y/N) `])
  signal.throwIfAborted()
  if (!agreed)
    throw new ForgeError('E_NOT_CONFIRMED', 'the uninstallation was not confirmed', { hint, where: 'the question' })
}

interface Ending {
  readonly number: number
  readonly found: Removals
  readonly outcome: UninstallReport['outcome']
  readonly error: ForgeError | undefined
  readonly deleted: readonly string[]
}

function reportOf(
  scope: UninstallScope,
  { number, found, outcome, error, deleted }: Ending,
  here: HintPlace,
): UninstallReport {
  const { each: removals, losses } = found
  const lost = lostClaims(losses)
  const isGone = (name: string): boolean => deleted.includes(name) || (outcome === 'uninstalled' && lost.has(name))
  return {
    apiVersion: 'forge/v1',
    command: 'uninstall',
    outcome,
    project: scope.project,
    environment: scope.environment,
    namespace: scope.namespace,
    deploy: number === 0 ? null : number,
    releases: removals
      .filter(({ work }) => installed(work))
      .map(({ work }) => ({ name: work.release.name, revision: work.history[0]?.revision ?? null })),
    removed: removals.flatMap(({ plan }) => plan.goes.map(nameOf)),
    kept: removals.flatMap(({ plan }) => plan.stays),
    keptBecause: removals.flatMap(({ plan }) => plan.kept),
    claims: [
      ...new Map(
        [...lost.values(), ...removals.flatMap(({ plan }) => plan.claims)].map((claim) => [claim.name, claim]),
      ).values(),
    ].map(({ name, size, of }) => {
      return { name, size: size ?? null, of, deleted: isGone(name), ...(lost.has(name) ? { goes: true } : {}) }
    }),
    losses: losses.losses,
    unknownLosses: losses.unknown,
    stillUsed: found.others.uses.map(({ object, by }) => ({ object: nameOf(object), by: nameOf(by) })),
    hooks: removals.flatMap(({ work }) => hooksOf(work)),
    verdict: error === undefined ? null : verdictReport(error, here),
  }
}

/** Claims that go with their owners, by name. */
function lostClaims({ found }: Losses): Map<string, OwnedClaim> {
  return new Map(
    found.flatMap(({ object, claims }) => claims.map((claim) => [claim.metadata.name, ownedClaim(claim, object)])),
  )
}

/** They are in helm's record, and run when it takes the release away. */
function hooksOf({ history: [newest] }: Removal['work']): UninstallReport['hooks'] {
  return (newest?.hooks ?? []).flatMap(({ kind, name, events }) =>
    events
      .filter((event) => event === 'pre-delete' || event === 'post-delete')
      .map((event) => ({ object: `${kind}/${name}`, event })),
  )
}
