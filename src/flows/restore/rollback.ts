import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { isBundledDefinition, type Rendered } from '../../domain/manifest/parse.ts'
import { notAsBefore } from '../../domain/plan/as-before.ts'
import { counted } from '../../domain/screen/counted.ts'
import { placedStages, planStages, presentStages } from '../../domain/stages/stages.ts'
import { hasReplaced, remadeKeys, removeReplacements } from '../apply/replace.ts'
import { keepDefinitions, takeBackDefinitions } from './take-back-definitions.ts'
import { freeHooks } from '../apply/free-hooks.ts'
import type { Follower } from '../follow.ts'
import { judgeWritten, underWatch } from '../prove/under-watch.ts'
import { seenStages } from '../observe/hidden.ts'
import { letGo, stillLeaving } from './let-go.ts'
import { readLive } from '../observe/live.ts'
import { tellWorkloads } from '../run-events.ts'
import { restoreSecrets } from './restore-secrets.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { RollbackEnd } from './rollback-end.ts'
import { standsInTheWay } from './stands-in-the-way.ts'
import { keepFirstInstall } from './first-install.ts'
import { asItWas, missingBefore, presentFields, retainedNow } from './as-it-was.ts'
import { keepInRecord, stillThere } from '../apply/keep-in-record.ts'
import { ranBefore } from '../apply/brought-back.ts'
import type { Run } from '../apply/run.ts'
import type { StepReport } from '../step.ts'
import { settleRecord } from '../state/release-record.ts'
import { rollBackTo } from '../apply/roll-back-to.ts'
import { inAnyCase } from '../in-any-case.ts'

/**
 * Back to what ran before: secrets, then each release in the reverse of the order in which it was upgraded, then proof.
 * The first signal does not end it: a rollback that stops half-way is worse than either state. A second one does, between
 * two writes. Every write is confirmed by the lock, and the journal knows of it before it is made.
 */
export async function rollBack(
  context: Followed,
  ports: DeployPorts,
  report: StepReport,
  run: Run,
): Promise<RollbackEnd> {
  const moved = context.works.filter(({ progress }) => progress.upgraded).reverse()
  const fresh = moved.filter(({ before }) => before === undefined)
  const stay = AbortSignal.any([ports.leave, run.signal])
  if (moved.length > 0 && fresh.length === moved.length) return await keepFirstInstall(fresh, context, run, stay)
  const stuck = await standsInTheWay(moved, context, ports, report, stay)
  if (stuck !== undefined) return keepDefinitions(stuck, context)
  const { cluster, project, works } = context
  const { namespace } = project.environment
  const stages = previousStages(context)
  const watching = { clock: ports.clock, tell: tellWorkloads(ports.events, 'back') }
  return await underWatch(context, watching, stages, stay, async (follower) => {
    report.detail('secrets as they were')
    await run.confirm(stay)
    await restoreSecrets(context, stay)
    for (const work of moved.filter(({ before }) => before !== undefined))
      await rollBackOne(work, context, ports, report, run, stay)
    const withDefinitions = await takeBackDefinitions(context, ports, run)
    report.detail('waiting until all is ready again')
    const confirm = async (): Promise<void> => await run.confirm(stay)
    const tell = (source: string, text: string): void => report.line(source, text)
    const written = { follower, cluster, stages, namespace, remade: remadeKeys(works), isBack: true, confirm, tell }
    await judgeWritten(written, stay)
    return withDefinitions(await prove(context, ports, follower, fresh, report))
  })
}

async function rollBackOne(
  work: AppliedRelease,
  context: Followed,
  ports: DeployPorts,
  report: StepReport,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  const { release, before } = work
  const history = await context.cluster.history(release.name, release.namespace, signal)
  // helm may have failed before it wrote a revision: then there is nothing to take back.
  if (before === undefined || (history[0]?.revision === work.history[0]?.revision && !hasReplaced(work))) return
  await run.confirm(signal)
  // A journal that cannot be written must not keep the old state from coming back.
  await inAnyCase(run.record.step({ op: 'return', release: release.name }, 'running'), ports)
  const timed = { clock: ports.clock, signal }
  await removeReplacements(work, context, timed)
  await letGo(work.previous, { ...context, limitMs: context.options.timeoutMs }, report, timed)
  await freeHooks(before, release.namespace, context, async () => await run.confirm(signal), report, timed)
  report.detail(`${release.name} to revision ${before.revision}`)
  const failed = history[0]?.revision
  if (context.charts.major < 4 && failed !== undefined) {
    const now = await readLive({ ...context, works: [{ previous: work.previous, rendered: [] }] }, { signal })
    await keepInRecord(work, stillThere(work, now), failed, { cluster: context.cluster, codec: ports.codec }, signal)
  }
  if (failed !== undefined) {
    const scope = { cluster: context.cluster, codec: ports.codec, release: release.name, namespace: release.namespace }
    await settleRecord(scope, failed, 'Interrupted: helm was ended in the middle', signal)
  }
  const goBack = async (): Promise<void> => {
    await run.confirm(signal)
    signal.throwIfAborted()
    await rollBackTo(before, release, context.charts, run.guard)
  }
  await asItWas(work, before.revision, context, { ...ports, cluster: context.cluster }, goBack, signal)
  work.progress.takenBack = true
  await run.record.step({ op: 'return', release: release.name }, 'done')
  const [latest] = await context.cluster.history(release.name, release.namespace, signal)
  work.progress.revisionAfter = latest?.revision
}

/** Without what had been deleted by hand, or by a Job's TTL: it stays away, and nothing can be ready that is not there. */
function previousStages({ project, works, live, hidden }: Followed): Followed['stages'] {
  const objects = works.flatMap((work) => {
    const missing = missingBefore(work, live)
    return ownObjects(work.previous).filter((object) => !missing.has(keyOf(object)))
  })
  const stages = planStages(presentStages(project, objects), objects)
  return seenStages(placedStages(stages, project.environment.namespace), hidden)
}

async function prove(
  context: Followed,
  { signal }: DeployPorts,
  follower: Follower,
  fresh: readonly AppliedRelease[],
  report: StepReport,
): Promise<RollbackEnd> {
  // What was being deleted before is no state to come back.
  const wasLeaving = new Set([...context.live].flatMap(([key, object]) => (isLeaving(object) ? [key] : [])))
  const before = without(
    among(context.live, ({ previous }) => previous, context),
    wasLeaving,
  )
  const revisions = context.works.flatMap(({ release, before: old, progress }) =>
    progress.upgraded && old !== undefined
      ? [`${release.name} revision ${progress.revisionAfter ?? '?'} (as ${old.revision})`]
      : [],
  )
  for (const { name } of previousStages(context)) {
    const end = await follower.stage(name, ({ summary }) => report.detail(summary))
    if (end.state !== 'ready') {
      const why = end.state === 'failed' ? end.failed.failure.message : 'another stage failed'
      return { restored: false, now: `rolled back, but not ready: ${why}`, detail: `rolled back, not ready: ${why}` }
    }
  }
  const after = await readLive(context, { signal: signal.aborted ? new AbortController().signal : signal })
  const leaving = [...among(after, ({ previous }) => previous, context).values()].filter(isLeaving)
  if (leaving.length > 0) return stillLeaving(leaving, context)
  const odd = notAsBefore(
    before,
    without(
      among(after, ({ previous, rendered }) => [...previous, ...rendered], context),
      wasLeaving,
    ),
    new Set(
      context.works.flatMap(({ plans }) =>
        plans.flatMap(({ action, ref }) => (action === 'replace' || action === 'delete' ? [keyOf(ref)] : [])),
      ),
    ),
    (object) => presentFields(object, context).map(({ path }) => path),
  )
  if (odd.length > 0 || fresh.length > 0) {
    const names = [...odd, ...fresh.map(({ release }) => `release ${release.name} (new, stays)`)].join(', ')
    return {
      restored: false,
      now: `rolled back to ${ranBefore(context)} and ready, but not as before: ${names}`,
      detail: `not as before: ${names}`,
    }
  }
  const retained = retainedNow(before, after)
  return {
    restored: true,
    now: [`${context.project.environment.name} runs ${ranBefore(context)} again, proven`, ...retained].join('; '),
    detail: [
      ...[...revisions, 'secrets as they were', ...retained],
      ...[...stillMissing(context), ...hooksLeft(context, after)],
    ].join(', '),
  }
}

/** Of these objects those that the releases own. */
function among(
  objects: ReadonlyMap<string, KubeObject>,
  rendered: (work: AppliedRelease) => readonly Rendered[],
  { works }: Followed,
): Map<string, KubeObject> {
  // Definitions of crds/ are the cluster's.
  const theirs = works.flatMap((work) => rendered(work).filter((one) => !isBundledDefinition(one)))
  const own = new Set(ownObjects(theirs).map(keyOf))
  return new Map([...objects].filter(([key]) => own.has(key)))
}

function without(objects: ReadonlyMap<string, KubeObject>, keys: ReadonlySet<string>): Map<string, KubeObject> {
  return new Map([...objects].filter(([key]) => !keys.has(key)))
}

/** What this deploy's hooks have made or changed, and helm leaves. */
function hooksLeft({ works, live }: Followed, after: ReadonlyMap<string, KubeObject>): string[] {
  const hooks = works.flatMap(({ rendered }) =>
    rendered.flatMap(({ object, hook }) => (hook === undefined ? [] : object)),
  )
  const left = hooks.filter((hook) => {
    const [before, now] = [live.get(keyOf(hook)), after.get(keyOf(hook))]
    return now !== undefined && now.metadata.resourceVersion !== before?.metadata.resourceVersion
  })
  const names = [...new Set(left.map(nameOf))]
  return names.length === 0 ? [] : [`${counted(names.length, 'hook stays', 'hooks stay')}: ${names.join(', ')}`]
}

function stillMissing({ works, live }: Followed): string[] {
  const names = works.flatMap((work) => {
    const missing = missingBefore(work, live)
    return ownObjects(work.previous).flatMap((object) => (missing.has(keyOf(object)) ? nameOf(object) : []))
  })
  return names.length === 0 ? [] : [`not there before, nor now: ${names.join(', ')}`]
}
