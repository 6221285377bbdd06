import { stateScope } from '../../domain/state-scope.ts'
import type { Wrote } from '../../domain/events/model.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import type { Clock } from '../../ports.ts'
import { requireAsPlanned } from '../prove/as-planned.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { mendRecords } from './mend-records.ts'
import { withEditedRecords } from './record.ts'
import { applyDefinitions } from './definitions.ts'
import { followHooks, hookTargets } from './hooks.ts'
import { watchForMissedHooks } from './missed-hooks.ts'
import { judgeRun } from './judge-run.ts'
import { isNeeded, upgradeNeeded } from './needed.ts'
import type { Writer, WriteSession } from './write-session.ts'
import { touched } from '../../domain/plan/objects.ts'
import { restatedRevision, takeOver } from './take-over.ts'
import { growClaims } from '../plan/claims.ts'
import { bareOf, overridesConflicts, rewriteOf } from '../plan/manifest.ts'
import { driftInRecord } from './drift-in-record.ts'
import { hasReplaced, remadeKeys, replaceObjects } from './replace.ts'
import { keepHashKey } from '../desire/restart-marks.ts'
import { writeSecrets } from '../state/write-secrets.ts'
import { writeHomes } from './write-homes.ts'
import { HELM_TIMEOUT_SECONDS } from './roll-back-to.ts'
import { namedBy, writtenAt } from '../../domain/plain/place.ts'
import { ForgeError } from '../../errors.ts'
import { passes } from '../../time-limit.ts'

const HELM_GRACE_MS = 5000

/** Step 6, the first that writes: secrets, then helm for every release. The watch is open by now, and the lock is held. */
export async function upgradeReleases(
  context: Followed,
  writer: Writer,
): Promise<{ readonly wrote: readonly Wrote[] }> {
  const { ports, session, report } = writer
  await context.follower.open
  const wrote = await applySecrets(context, ports, session)
  await keepHashKey(context, ports.signal)
  wrote.push(...(await takeOver(context, ports, session)))
  let unproven: AppliedRelease | undefined
  for (const work of context.releases) {
    if (unproven !== undefined) await requireAsPlanned(unproven, context, ports.signal)
    if (work.keepsRevision === true && touched(work.plans).length === 0) {
      session.record.release(work.release.name, work.progress.revisionAfter ?? work.history[0]?.revision ?? 0)
      continue
    }
    const operation = { op: 'upgrade', release: work.release.name } as const
    report.detail({ doing: 'operation', operation, done: [...wrote] })
    wrote.push(await upgradeInTurn(work, operation, context, writer))
    unproven = work
  }
  const proof = unproven === undefined ? [] : [requireAsPlanned(unproven, context, ports.signal)]
  await judgeRun(context, writer, { remade: remadeKeys(context.releases), isBack: false }, ports.signal, proof)
  return { wrote }
}

/** One release, written down around it, with those that need it in mind. */
async function upgradeInTurn(
  work: AppliedRelease,
  operation: Operation,
  context: Followed,
  writer: Writer,
): Promise<Wrote> {
  const { name } = work.release
  const { ports, session } = writer
  await session.confirm()
  await session.record.step(operation, 'running')
  const confirm = async (): Promise<void> => await session.confirm()
  const held = { cluster: context.cluster, codec: ports.codec, confirm, record: session.record }
  await mendRecords(work, context.facts.resources, held, ports.signal)
  await applyDefinitions(work, context, writer)
  let hooks: readonly string[] = []
  const upgrade = async (): Promise<void> => void (hooks = await upgradeOne(work, operation, context, writer))
  await (isNeeded(work, context) ? upgradeNeeded(work, context, writer, upgrade) : upgrade())
  const { revisionAfter } = work.progress
  if (revisionAfter !== undefined) session.record.release(name, revisionAfter)
  await session.record.step(operation, 'done')
  const from = work.history[0]?.revision
  return { what: 'revision', release: name, from, to: revisionAfter ?? (from ?? 0) + 1, hooks }
}

/** Writes the secrets that differ. */
export async function applySecrets(
  context: Followed,
  { signal }: DeployPorts,
  session: WriteSession,
): Promise<Wrote[]> {
  const { cluster, project, secretPlans, homes } = context
  const isKept = secretPlans.every(({ object }) => object === undefined)
  if (isKept && homes?.plans.every(({ write }) => write === undefined) !== false) return []
  await session.confirm()
  await session.record.step({ op: 'write-secrets' }, 'running')
  const written = await writeSecrets(
    { cluster, ...stateScope(project) },
    secretPlans,
    signal,
    async () => await session.confirm(),
  )
  const inVault = await writeHomes(context, session)
  await session.record.step({ op: 'write-secrets' }, 'done')
  const created = written.filter(({ revisionBefore }) => revisionBefore === undefined)
  const changed = written.filter(({ revisionBefore }) => revisionBefore !== undefined)
  return [
    ...(created.length > 0 ? [{ what: 'secrets-made' as const, count: created.length }] : []),
    ...changed.map(({ name, revision: to, revisionBefore: from = 0 }) => ({ what: 'secret' as const, name, from, to })),
    ...inVault,
  ]
}

async function upgradeOne(
  work: AppliedRelease,
  operation: Operation,
  context: Followed,
  writer: Writer,
): Promise<readonly string[]> {
  const { ports, session } = writer
  const { signal, clock, codec } = ports
  const { release, values, configuration } = work
  const confirm = async (): Promise<void> => await session.confirm()
  await confirm()
  await growClaims(work, context, signal)
  // Gone from here on, whether helm is run or not.
  work.progress.upgraded ||= hasReplaced(work)
  await replaceObjects(work, context, { clock, signal }, confirm)
  // Last before helm starts: this process may have stood still while the journal was written.
  await confirm()
  work.progress.upgraded = true
  const hooks = followHooks(work, operation, context, writer)
  const cut = cutWhenHopeless(context, clock, signal)
  const missed = watchForMissedHooks({ targets: hookTargets(work), ...context }, clock, session.guard, cut.now)
  const upgrade = async (): Promise<void> => {
    const { revision } = await context.charts.upgrade(
      {
        release: release.name,
        namespace: release.namespace,
        chart: release.chart,
        values,
        wholeNumbers: configuration.wholeNumbers,
        forceConflicts: overridesConflicts(work, context),
        createNamespace: false,
        crds: release.crds,
        rewrite: rewriteOf(work, context, ports),
        bare: bareOf(work, context, ports),
        timeoutSeconds: HELM_TIMEOUT_SECONDS,
        guard: missed.guard,
        onLine: (line) => hearHelm(release.name, line, context, ports),
      },
      cut.signal,
    )
    work.progress.revisionAfter = revision
  }
  try {
    const drift = driftInRecord(work, restatedRevision(work) ?? work.before?.revision)
    await withEditedRecords(release, drift, { cluster: context.cluster, codec, confirm }, upgrade, signal)
    return await hooks.done()
  } catch (error) {
    throw placed(await hooks.explain(error), work)
  } finally {
    cut.done()
    missed.done()
    await hooks.close()
  }
}

/** What the API server says of plain objects is told where they are written. */
function placed(error: unknown, { release, plans }: AppliedRelease): unknown {
  if (!(error instanceof ForgeError) || error.code !== 'E_HELM') return error
  const found = namedBy(error.message, plans)
  const where = found === undefined ? undefined : writtenAt(release, found.template)
  return where === undefined ? error : error.with({ where })
}

/**
 * helm may wait long for a hook while the deploy has failed already. Usually it is about to end by itself, and a helm that
 * ends by itself leaves the clearer state.
 */
function cutWhenHopeless(
  { follower }: Followed,
  clock: Clock,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly now: (why: unknown) => void; done(): void } {
  const [ended, cut] = [new AbortController(), new AbortController()]
  const stop = async (): Promise<void> => {
    const failed = await follower.failed
    // Of a hook helm knows only that its Job has failed; what keeps its pods from starting it would wait for in vain.
    const knows = failed.stage !== 'upgrade' || failed.failure.code === 'E_JOB_FAILED'
    const both = AbortSignal.any([signal, ended.signal])
    if (knows && !(await passes(HELM_GRACE_MS, { clock, signal: both }))) return
    cut.abort(new JudgedFailure(failed, []))
  }
  stop().catch((error: unknown) => cut.abort(error))
  return {
    signal: AbortSignal.any([signal, cut.signal]),
    now: (why) => cut.abort(why),
    done: () => ended.abort(),
  }
}

function hearHelm(release: string, line: string, { heard }: Followed, { redactor }: DeployPorts): void {
  heard.helm.set(release, [...(heard.helm.get(release) ?? []), redactor.text(line)])
}
