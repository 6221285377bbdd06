import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { isBundledDefinition, type Rendered } from '../../domain/manifest/parse.ts'
import { notAsBefore } from '../../domain/plan/as-before.ts'
import type { BackEnd, WentBack } from '../../domain/restore/model.ts'
import { placedStages, planStages, presentStages } from '../../domain/stages/stages.ts'
import { hasReplaced, remadeKeys, replacements } from '../apply/replace.ts'
import { keptDefinitions, takeBackDefinitions } from './take-back-definitions.ts'
import { judgeRun } from '../apply/judge-run.ts'
import { underWatch } from '../prove/under-watch.ts'
import { seenStages } from '../observe/hidden.ts'
import { GONE_WITHIN_MS, untilGone } from '../observe/until-gone.ts'
import { fixedBack } from '../../domain/plan/plans-back.ts'
import { requireNewest, takeReleaseBack, type Held, type WayBack } from './take-release-back.ts'
import { readLive } from '../observe/live.ts'
import { tellWorkloads } from '../run-events.ts'
import { restoreSecrets } from './restore-secrets.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import { standsInTheWay } from './stands-in-the-way.ts'
import { giveAllBack } from './give-back.ts'
import { keepFirstInstall } from './first-install.ts'
import { handBackStack, lendToStack } from './hand-back-stack.ts'
import { asItWas, missingBefore, presentFields, retainedNow, withJoined } from './as-it-was.ts'
import { ranBefore } from '../apply/brought-back.ts'
import type { Writer } from '../apply/write-session.ts'
import { noting } from '../noted.ts'
import { restoreHomes } from './restore-homes.ts'
import { inAnyCase } from '../in-any-case.ts'

/**
 * Back to what ran before: secrets, then each release in the reverse of the order in which it was upgraded, then proof.
 * The first signal does not end it: a rollback that stops half-way is worse than either state. A second one does, between
 * two writes. Every write is confirmed by the lock, and the journal knows of it before it is made.
 */
export async function rollBack(failed: Followed, { ports, report, session: held }: Writer): Promise<BackEnd> {
  const context = withJoined(failed)
  const moved = context.releases.filter(({ progress }) => progress.upgraded).reverse()
  const fresh = moved.filter(({ before }) => before === undefined)
  const stay = AbortSignal.any([ports.leave, held.signal])
  const session = { ...held, confirm: async () => await held.confirm(stay) }
  const writer = { ports, report, session }
  if (moved.length > 0 && fresh.length === moved.length)
    return { back: await keepFirstInstall(fresh, context, session, stay), definitions: [] }
  const stuck = await standsInTheWay(moved, context, writer, stay)
  if (stuck !== undefined) return { back: stuck, definitions: keptDefinitions(context) }
  const stages = previousStages(context)
  // Before the watch opens: what is marked counts as changed, and it still looks as it failed.
  await giveAllBack(context, writer, stay)
  const { clock, events } = ports
  const watching = { clock, tell: noting(context.noted, clock, 'back', tellWorkloads(events, 'back')) }
  return await underWatch(context, watching, stages, stay, async (follower) => {
    report.detail({ doing: 'secrets-back' })
    await session.confirm()
    await restoreSecrets(context, stay)
    await restoreHomes(context, ports.say, stay)
    await lendToStack(context, ports, session, stay)
    const remade = remadeKeys(context.releases)
    for (const work of moved)
      for (const object of await rollBackOne(work, context, writer, stay)) remade.add(keyOf(object))
    const definitions = await takeBackDefinitions(context, ports, session)
    report.detail({ doing: 'until-ready' })
    const judged = { ...context, follower, stages }
    await judgeRun(judged, writer, { remade, isBack: true }, stay)
    await handBackStack(context, ports, session, stay)
    return { back: await prove(judged, writer, { fresh, remade }), definitions }
  })
}

/** Returns what had to be made anew for it. */
async function rollBackOne(
  work: AppliedRelease,
  context: Followed,
  { ports, report, session }: Writer,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const { release, before, progress } = work
  const [known] = work.history
  if (before === undefined || known === undefined) return []
  const newest = await requireNewest(release, known.revision, progress.restated + 1, context.cluster, signal)
  // helm may have failed before it wrote a revision: then there is nothing to take back.
  if (newest.revision === known.revision && !hasReplaced(work)) return []
  const way: WayBack = {
    ...{ release, newest, to: before, agreed: false, operation: { op: 'return', release: release.name } },
    inTheWay: (now) => [
      ...new Set([...replacements(work, context.live, now.live), ...fixedBack(release.name, now, context.preserved)]),
    ],
    edits: async (_now, gone) => await asItWas(work, before.revision, gone, context, ports, signal),
    async around(goBack) {
      report.detail({ doing: 'release-back', release: release.name, to: before.revision })
      await goBack()
      progress.takenBack = true
    },
  }
  const { clock, codec } = ports
  const held: Held = {
    confirm: async () => await session.confirm(),
    guard: session.guard,
    // A journal that cannot be written must not keep the old state from coming back.
    record: { step: async (...step) => await inAnyCase(session.record.step(...step), ports) },
  }
  const { revision, gone } = await takeReleaseBack(way, { ...context, ...held, clock, codec, report, signal })
  progress.revisionAfter = revision
  return gone
}

/** Without what had been deleted by hand, or by a Job's TTL: it stays away, and nothing can be ready that is not there. */
function previousStages({ project, releases, live, hidden, migration }: Followed): Followed['stages'] {
  const objects = releases.flatMap((work) => {
    const missing = missingBefore(work, live)
    // A Job of before helm that had ended is there again, and does not run again.
    const still = migration === undefined ? new Set<string>() : remadeKeys([work])
    return ownObjects(work.previous).filter((object) => !missing.has(keyOf(object)) && !still.has(keyOf(object)))
  })
  const stages = planStages(presentStages(project, objects), objects)
  return seenStages(placedStages(stages, project.environment.namespace), hidden)
}

async function prove(
  context: Followed,
  { ports, report }: Writer,
  { fresh, remade }: { readonly fresh: readonly AppliedRelease[]; readonly remade: ReadonlySet<string> },
): Promise<WentBack> {
  const { signal } = ports
  // What was being deleted before is no state to come back.
  const wasLeaving = new Set([...context.live].flatMap(([key, object]) => (isLeaving(object) ? [key] : [])))
  const before = without(
    among(context.live, ({ previous }) => previous, context),
    wasLeaving,
  )
  for (const { name } of context.stages) {
    const end = await context.follower.stage(name, (stage) => report.detail({ stage }))
    if (end.state !== 'ready')
      return { kind: 'not-ready', why: end.state === 'failed' ? end.failed.failure.message : 'another stage failed' }
  }
  const read = signal.aborted ? new AbortController().signal : signal
  const after = await withoutGoing(await readLive(context, { signal: read }), context, { ports, report }, read)
  const leaving = [...among(after, ({ previous }) => previous, context).values()].filter(isLeaving)
  if (leaving.length > 0) return { kind: 'leaving', objects: leaving }
  const odd = notAsBefore(
    before,
    without(
      among(after, ({ previous, rendered }) => [...previous, ...rendered], context),
      wasLeaving,
    ),
    new Set([
      ...remade,
      ...context.releases.flatMap(({ plans }) =>
        plans.flatMap(({ action, ref }) => (action === 'delete' ? keyOf(ref) : [])),
      ),
    ]),
    (object) => presentFields(object, context).map(({ path }) => path),
  )
  const ran = ranBefore(context)
  if (odd.length > 0 || fresh.length > 0)
    return { kind: 'differs', ran, objects: odd, fresh: fresh.map(({ release }) => release.name) }
  const revisions = context.releases.flatMap(({ release, before: old, progress }) =>
    progress.upgraded && old !== undefined
      ? { release: release.name, made: progress.revisionAfter, as: old.revision }
      : [],
  )
  const [retained, missing] = [retainedNow(before, after), stillMissing(context)]
  return { kind: 'restored', ran, revisions, retained, missing, hooks: hooksLeft(context, after) }
}

/**
 * What this deploy had made and helm has deleted goes once nobody uses it any more: a claim stays as long as its pods take to
 * end. One that something else holds is told to be left.
 */
async function withoutGoing(
  after: ReadonlyMap<string, KubeObject>,
  context: Followed,
  { ports: { clock }, report }: Pick<Writer, 'ports' | 'report'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KubeObject>> {
  const made = among(after, ({ rendered }) => rendered, context)
  const going = [...made].flatMap(([key, object]) => (isLeaving(object) && !context.live.has(key) ? [object] : []))
  if (going.length === 0) return after
  report.detail({ doing: 'until-gone', objects: going })
  const left = await untilGone({ objects: going, cluster: context.cluster, limitMs: GONE_WITHIN_MS }, { clock, signal })
  const held = new Set(left.map(keyOf))
  return without(after, new Set(going.map(keyOf).filter((key) => !held.has(key))))
}

/** Of these objects those that the releases own. */
function among(
  objects: ReadonlyMap<string, KubeObject>,
  rendered: (work: AppliedRelease) => readonly Rendered[],
  { releases }: Followed,
): Map<string, KubeObject> {
  // Definitions of crds/ are the cluster's.
  const theirs = releases.flatMap((work) => rendered(work).filter((one) => !isBundledDefinition(one)))
  const own = new Set(ownObjects(theirs).map(keyOf))
  return new Map([...objects].filter(([key]) => own.has(key)))
}

function without(objects: ReadonlyMap<string, KubeObject>, keys: ReadonlySet<string>): Map<string, KubeObject> {
  return new Map([...objects].filter(([key]) => !keys.has(key)))
}

/** What this deploy's hooks have made or changed, and helm leaves. */
function hooksLeft({ releases, live }: Followed, after: ReadonlyMap<string, KubeObject>): string[] {
  const hooks = releases.flatMap(({ rendered }) =>
    rendered.flatMap(({ object, hook }) => (hook === undefined ? [] : object)),
  )
  const left = hooks.filter((hook) => {
    const [before, now] = [live.get(keyOf(hook)), after.get(keyOf(hook))]
    return now !== undefined && now.metadata.resourceVersion !== before?.metadata.resourceVersion
  })
  return [...new Set(left.map(nameOf))]
}

function stillMissing({ releases, live }: Followed): string[] {
  return releases.flatMap((work) => {
    const missing = missingBefore(work, live)
    return ownObjects(work.previous).flatMap((object) => (missing.has(keyOf(object)) ? nameOf(object) : []))
  })
}
