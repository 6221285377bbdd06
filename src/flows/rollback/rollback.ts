import type { Environment } from '../../domain/config/model.ts'
import { environmentOf, projectOf } from '../../domain/journal/project.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { databaseSchemas } from '../../domain/journal/schema.ts'
import type { PlanDocument } from '../../domain/plan/document.ts'
import type { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Charts } from '../../ports.ts'
import { carryOut } from '../deploy/carry-out.ts'
import { confirm } from '../deploy/confirm.ts'
import type { Connection, DeployContext, DeployPorts, Outcome } from '../deploy/context.ts'
import { createContext } from '../deploy/create-context.ts'
import type { DeployEnd } from '../deploy/deploy.ts'
import { refusal } from '../deploy/refusal.ts'
import { reportOf, type DeployReport } from '../deploy/report.ts'
import { describePlan } from '../plan/describe.ts'
import { checkSchemas } from '../plan/schema-gate.ts'
import { recovered } from '../recovery/recover-place.ts'
import { unreadEntries } from '../state/journal.ts'
import { openPlace, type Place, type PlaceRequest } from '../state/place.ts'
import { checkPrerequisites } from '../steps/prerequisites.ts'
import { begun } from '../run-events.ts'
import { runSteps, step, type StepReport } from '../steps/step.ts'
import { outdatedText } from '../deploy/outdated-records.ts'
import { previewReturn, workBack } from './preview.ts'
import { RETURNING, stepsBack } from './return.ts'
import { planSecretsBack } from './secrets.ts'
import { revisionOf, targetOf } from './target.ts'

export interface RollbackRequest {
  readonly place: PlaceRequest
  /** `#41`; undefined: what was ready before the one that runs now. */
  readonly to: number | undefined
  readonly yes: boolean
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
  /** How a command line names this place. */
  readonly flags: readonly string[]
}

type Found = Place<{ readonly cluster: Connection; readonly charts: Charts }>

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
  const begin = ports.clock.monotonic()
  const place = await recovered(await openPlace(request.place, ports), request.dryRun, ports)
  const target = targetOf(place, request.to)
  const context = contextOf(place, target, request)
  ports.events?.tell(begun('rollback', context.project.name, context.project.environment))
  let plan: PlanDocument | undefined
  const end = (
    outcome: Outcome,
    error?: ForgeError,
    more: Partial<DeployEnd & { evidence: string }> = {},
  ): RollbackEnd => {
    const restarted = more.restarted ?? []
    const report = reportOf('rollback', context, { outcome, error, evidence: more.evidence, restarted }, ports.here)
    const seconds = (ports.clock.monotonic() - begin) / 1000
    const { flags } = place
    return {
      report: { ...report, target: target.number, plan: plan ?? null },
      error,
      restarted,
      context,
      seconds,
      target,
      plan,
      flags,
    }
  }
  try {
    await runSteps(context, readingSteps(context, place, ports), ports)
    plan = await describePlan(context, ports)
    if (request.dryRun) return end('planned')
    // The question of a protected environment shows the plan itself.
    if (!context.project.environment.protected || request.yes) ports.say(show({ plan, target }))
    await confirm(context, ports)
  } catch (error) {
    const told = refusal(error, ports.signal)
    return end(outcomeOf(told), told)
  }
  const { outcome, error, evidence, restarted } = await carryOut(context, ports, RETURNING)
  return end(outcome, error, { ...(evidence === undefined ? {} : { evidence }), restarted })
}

/** Of what ended before anything was written. A Job that does not end leaves the environment in what was to be left. */
function outcomeOf({ exitStatus }: ForgeError): Outcome {
  if (exitStatus === 130 || exitStatus === 143) return 'interrupted'
  return exitStatus === 5 || exitStatus === 1 ? 'failed' : 'refused'
}

function contextOf(place: Found, target: JournalEntry, request: RollbackRequest): DeployContext {
  const { journal, connected, flags } = place
  const environment = environmentIn(place, target)
  const context = createContext(projectOf(target, environment), {
    dir: '',
    dirGiven: false,
    env: environment.name,
    values: [],
    set: [],
    yes: request.yes,
    timeoutMs: request.timeoutMs,
    skipBuild: true,
    skipVerify: request.skipVerify,
    rollback: true,
    planOnly: request.dryRun,
    acceptDataLoss: request.acceptDataLoss,
    confirm: request.confirm,
    again: forge('rollback', String(target.number), ...flags),
  })
  context.cluster = connected.cluster
  context.charts = connected.charts
  context.journal = journal
  context.previous = journal.entries[0]
  context.liveEntry = journal.live
  context.deploys = journal.entries
  context.databases = databaseSchemas(journal.entries)
  context.target = target
  context.number = journal.live?.number ?? 0
  context.warnings = unreadEntries(journal)
  return context
}

/** forge.yaml knows the environment best; what it says of drift is for deploys: here the target's state is what is wanted. */
function environmentIn({ checkout, connected, journal }: Found, target: JournalEntry): Environment {
  const sandbox = connected.cluster.context.startsWith('forge-sandbox-')
  const cluster = sandbox ? ({ sandbox } as const) : ({ sandbox, context: connected.cluster.context } as const)
  const known = environmentOf(target, cluster, journal.live)
  return checkout === undefined ? known : { ...checkout.environment, drift: known.drift }
}

function readingSteps(context: DeployContext, place: Found, ports: DeployPorts) {
  const total = stepsBack(context)
  const steps: [string, (context: DeployContext, report: StepReport) => Promise<string>][] = [
    ['prerequisites', async (one) => await prerequisites(one, place, ports)],
    ['secrets', async (one) => await planSecretsBack(one, ports)],
    ['preview', async (one, report) => await previewReturn(one, ports, report)],
  ]
  const stopping = { signal: ports.signal, words: () => 'stopping: nothing was rolled back' }
  return steps.map(([name, work], at) =>
    step<DeployContext>({ ...ports, stopping }, { index: at + 1, total, name }, work),
  )
}

async function prerequisites(context: DeployContext, place: Found, ports: DeployPorts): Promise<string> {
  const { target } = context
  if (target === undefined) throw new Error('a rollback without a target')
  checkSchemas(context)
  const found = await checkPrerequisites(context, ports)
  context.works = context.works.map((work) =>
    workBack(work, revisionOf(work.release.name, target, work.history, place), context),
  )
  // Of the target; those of what runs are told already.
  const outdated = context.works.flatMap(({ release, outdated: some = [] }) =>
    some.map((one) => outdatedText(release.name, one)),
  )
  context.warnings = [...new Set([...context.warnings, ...outdated])]
  const known = new Set(target.configuration.releases.map(({ name }) => name))
  const later = (place.journal.live?.configuration.releases ?? []).filter(({ name }) => !known.has(name))
  for (const { name } of later)
    context.warnings.push(`release ${name} is not part of #${target.number}; it stays as it is`)
  return found
}
