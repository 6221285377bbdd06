import { projectOf } from '../../domain/journal/project.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import type { MigrationRow } from '../../domain/migrate/model.ts'
import type { PlanDocument } from '../../domain/plan/document.ts'
import { extended, forge, type Hint } from '../../hint.ts'
import type { Charts } from '../../ports.ts'
import { carryOut, type CarriedOut, type Writing } from '../deploy/carry-out.ts'
import { confirm } from '../deploy/confirm.ts'
import type { DeployEnd } from '../deploy/deploy.ts'
import { managedRefusal } from '../observe/gitops.ts'
import { readAudience, sayUnheard } from '../notify/audience.ts'
import { tellRun } from '../notify/tell-run.ts'
import { outdatedText } from '../observe/release-records.ts'
import { environmentIn } from '../observe/environment.ts'
import { connected, pastOf } from '../observe/open.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { reportOf, type DeployReport, type Reached } from '../deploy/report.ts'
import { asked, tellOnce } from '../phases/asked.ts'
import { NO_IMAGES, type DesiredRelease } from '../phases/desired.ts'
import { check, settle } from '../phases/findings.ts'
import type { Observed } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Outcome, RunOptions } from '../phases/options.ts'
import { adopting, looking, returning, writing, type Act } from '../phases/policy.ts'
import { Phases, type Found as PhaseFound } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { describePlan } from '../plan/describe.ts'
import { planDesired } from '../plan/plan.ts'
import { checkSchemas } from '../plan/checks.ts'
import { resumeFirst, staysAwake, type ResumedFirst } from '../pause/resume-first.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { begun } from '../run-events.ts'
import { unreadEntries } from '../state/journal.ts'
import { openScope, type OpenScope, type ScopeRequest } from '../state/scope.ts'
import { recordSteps } from '../step.ts'
import { observe, OF_JOURNAL } from '../observe/observe.ts'
import { GOING_BACK, goingBack, workBack } from './plan-return.ts'
import { RETURNING, stepsBack } from './return.ts'
import { planHomesBack } from '../vault/plan-back.ts'
import { planSecretsBack } from './secrets.ts'
import { revisionOf, targetOf } from './target.ts'

export interface RollbackRequest {
  readonly scope: ScopeRequest
  /** `#41`; undefined: what was ready before the one that runs now. */
  readonly to: number | undefined
  readonly yes: boolean
  readonly resume?: RunOptions['resume']
  readonly dryRun: boolean
  readonly skipVerify: boolean
  readonly acceptDataLoss: boolean
  /** Names of objects whose data may be deleted. */
  readonly confirm: readonly string[]
  /** The limit of every stage, instead of those of the target deploy. */
  readonly timeoutMs: number | undefined
}

export interface RollbackEnd extends DeployEnd {
  readonly report: DeployReport & { readonly target: number; readonly plan: PlanDocument | null }
  readonly target: JournalEntry
  /** Undefined: it was refused before there was one. */
  readonly plan: PlanDocument | undefined
  /** How a command line names this scope. */
  readonly flags: readonly string[]
}

export type Found = OpenScope<{ readonly cluster: Connection; readonly charts: Charts }>

/**
 * `forge rollback`: what ran in a deploy runs again. It is computed and shown first, as a deploy is; carried out under
 * the lock with a number of its own; proven; and where that fails, what ran before it comes back. Throws for what is
 * refused before there is a plan; everything else is in the report.
 */
export async function rollback(
  ports: DeployPorts,
  request: RollbackRequest,
  show: (end: { plan: PlanDocument; target: JournalEntry }) => readonly string[],
): Promise<RollbackEnd> {
  const scope = await recovered(await openScope(request.scope, ports), request.dryRun, ports)
  const target = targetOf(scope, request.to)
  const again = forge('rollback', String(target.number), ...scope.flags)
  const act = returning(target.number)
  const way = { scope, target, again, command: 'rollback', act, writing: RETURNING, isMore: false }
  return await goBack(way, ports, request, show)
}

/** Where it goes back to, and what is written on the way. */
export interface WayTo {
  readonly scope: Found
  readonly target: JournalEntry
  /** What does the same again. */
  readonly again: Hint
  /** As the report names it. */
  readonly command: string
  readonly act: Act
  readonly writing: Writing
  /** Something is to be done even where every object is as it shall be. */
  readonly isMore: boolean
  /** What becomes of objects that no release has. */
  readonly beside?: readonly MigrationRow[]
  /** What was put right first has gone back there by itself. */
  readonly isDone?: boolean
}

export async function goBack(
  { scope, target, again, command, act, writing: written, isMore, beside = [], isDone = false }: WayTo,
  ports: DeployPorts,
  request: Omit<RollbackRequest, 'scope' | 'to'>,
  show: (end: { plan: PlanDocument; target: JournalEntry }) => readonly string[],
): Promise<RollbackEnd> {
  const begin = ports.clock.monotonic()
  const opened = openBack({ scope, target, again, act }, request)
  ports.events.tell(begun(command, opened.project.name, opened.project.environment))
  const steps = recordSteps(ports)
  let plan: PlanDocument | undefined
  let reached: Reached = opened
  let resumed: ResumedFirst
  const end = (outcome: Outcome, { error: why, ...more }: Partial<CarriedOut> = {}): RollbackEnd => {
    const error = why === undefined ? undefined : staysAwake(why, resumed, scope.environment)
    return {
      report: {
        ...reportOf(command, reached, { ...more, steps, outcome, error, resumed }, ports.here),
        target: target.number,
        plan: plan ?? null,
      },
      error,
      restarted: more.restarted ?? [],
      carried: more.reached,
      seconds: (ports.clock.monotonic() - begin) / 1000,
      target,
      plan,
      flags: scope.flags,
    }
  }
  if (isDone) return end('unchanged')
  const stopping = { signal: ports.signal, words: () => 'stopping: nothing was rolled back' }
  let planned: Planned
  try {
    if (!request.dryRun) resumed = await resumeFirst(scope, request, ports, undefined)
    const phases = rollbackPhases({ scope, target, isMore }, request.dryRun, ports)
    planned = await phases.run(opened, { ...ports, stopping }, stepsBack(opened), (value) => (reached = value))
    plan = { ...(await describePlan(planned, ports)), ...(beside.length === 0 ? {} : { migration: beside }) }
    if (request.dryRun) return end('planned')
    sayUnheard(await opened.audience.get(async () => await readAudience(scope.checkout, ports)), ports)
    // The question of a protected environment shows the plan itself.
    if (!planned.project.environment.protected || request.yes) ports.say(show({ plan, target }))
    await confirm(planned, ports)
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), { error: told })
  }
  const carried = await carryOut(planned, ports, written, steps)
  reached = carried.reached
  return await tellRun(opened.audience, end(carried.outcome, carried), planned, ports)
}

function openBack(
  { scope, target, again, act }: Pick<WayTo, 'scope' | 'target' | 'again' | 'act'>,
  request: Omit<RollbackRequest, 'scope' | 'to'>,
): Opened {
  const { journal, connected: connection } = scope
  const environment = environmentIn(scope, target)
  const { yes, resume, timeoutMs, skipVerify, acceptDataLoss, confirm: named, dryRun } = request
  const options = { yes, resume, timeoutMs, skipVerify, acceptDataLoss, confirm: named, rollback: true, again }
  const policy = writing(again, extended(again, '--dry-run'), adopting('deploy', environment.name), act)
  const wanted = asked(projectOf(target, environment), options, dryRun ? looking(policy) : policy)
  tellOnce(wanted.warnings, unreadEntries(journal))
  settle(wanted, managedRefusal(wanted.project))
  return { ...connected(wanted, connection), ...pastOf(journal), target }
}

function rollbackPhases(
  { scope, target, isMore }: Pick<WayTo, 'scope' | 'target' | 'isMore'>,
  dryRun: boolean,
  ports: DeployPorts,
): Phases<Opened, Planned> {
  return Phases.first('prerequisites', async (opened: Opened) => await observeBack(opened, scope, target, ports))
    .next('secrets', async (observed) => {
      const { value, said } = await planSecretsBack({ ...observed, ...NO_IMAGES }, target, ports)
      return await planHomesBack(value, said, scope.checkout, ports)
    })
    .next('preview', async (desired, report) => {
      const planning = dryRun ? GOING_BACK : goingBack(ports, report)
      return await planDesired(desired, isMore ? { ...planning, isUnchanged: () => false } : planning, ports)
    })
}

/** With each release as the target deploy left it. */
async function observeBack(
  opened: Opened,
  scope: Found,
  target: JournalEntry,
  ports: DeployPorts,
): Promise<PhaseFound<Observed<DesiredRelease>>> {
  await check(opened, [checkSchemas], ports)
  const { value: observed, said } = await observe(opened, OF_JOURNAL, ports)
  const releases = observed.releases.map((work) =>
    workBack(work, revisionOf(work.release.name, target, work.history, scope), observed),
  )
  // Of the target; those of what runs are told already.
  const outdated = releases.flatMap(({ release, outdated: some = [] }) =>
    some.map((one) => outdatedText(release.name, one)),
  )
  const known = new Set(target.configuration.releases.map(({ name }) => name))
  const later = (scope.journal.live?.configuration.releases ?? []).filter(({ name }) => !known.has(name))
  tellOnce(observed.warnings, [
    ...outdated,
    ...later.map(({ name }) => `release ${name} is not part of #${target.number}; it stays as it is`),
  ])
  return { value: { ...observed, releases }, said }
}
