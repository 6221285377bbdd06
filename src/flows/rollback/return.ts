import { keyOf, nameOf } from '../../domain/kube.ts'
import { isLeaving, toldLeaving } from '../../domain/leaving.ts'
import type { Detail, Wrote } from '../../domain/events/model.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { BEFORE_HELM } from '../../domain/migrate/undo.ts'
import { touched } from '../../domain/plan/objects.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Writing } from '../deploy/carry-out.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import { judgeRun } from '../apply/judge-run.ts'
import { followHooks, type HookWatch } from '../apply/hooks.ts'
import { requireNewest, takeReleaseBack, type WayBack } from '../restore/take-release-back.ts'
import { readLive } from '../observe/live.ts'
import type { Writer } from '../apply/write-session.ts'
import type { Asked } from '../phases/opened.ts'
import { assess } from '../plan/assess.ts'
import { restatedRevision, takeOver } from '../apply/take-over.ts'
import { driftInRecord } from '../apply/drift-in-record.ts'
import { remadeKeys, toReplace } from '../apply/replace.ts'
import { applySecrets } from '../apply/upgrade.ts'
import { presentInRecord } from './present.ts'

const READING = 3
const WRITING = 1

/** `forge rollback`: what takes the place of the upgrade. The stages that follow are those of the target deploy. */
export const RETURNING: Writing = {
  name: 'rollback',
  write: returnReleases,
  prove: proveReturn,
  total: stepsBack,
  reached: 'rolled-back',
}

export function stepsBack({ project }: Asked): number {
  return READING + WRITING + Math.max(project.stages.length, 1)
}

/** Secrets first, then each release in the reverse of the order in which it was deployed: what needs others goes first. */
async function returnReleases(context: Followed, writer: Writer): Promise<Detail> {
  const { ports, session } = writer
  const { follower, releases } = context
  await follower.open
  const wrote = [...(await applySecrets(context, ports, session)), ...(await takeOver(context, ports, session))]
  for (const work of releases.toReversed())
    if (work.target !== undefined) wrote.push(await returnOne(work, context, writer))
    else session.record.release(work.release.name, work.progress.revisionAfter ?? 0)
  await judgeRun(context, writer, { remade: remadeKeys(releases), isBack: true }, ports.signal)
  return { wrote }
}

async function returnOne(work: AppliedRelease, context: Followed, writer: Writer): Promise<Wrote> {
  const { ports, report, session } = writer
  const { signal, clock, codec } = ports
  const { release, target, plans, progress } = work
  const [known] = work.history
  if (target === undefined || known === undefined) throw new Error(`${release.name} has no revision to go back to`)
  const operation: Operation = { op: 'rollback', release: release.name, to: target.revision }
  report.detail({ doing: 'operation', operation })
  const current = restatedRevision(work) ?? known.revision
  const newest = await requireNewest(release, current, 0, context.cluster, signal)
  progress.upgraded = true
  let hooks: readonly string[] = []
  const way: WayBack = {
    ...{ release, newest, to: target, operation, agreed: true },
    inTheWay: () => toReplace(plans, context.live),
    edits: async () => [
      ...(await presentInRecord(work, target.revision, context, signal)),
      ...driftInRecord(work, newest.revision),
    ],
    async around(goBack) {
      hooks = await following(followHooks(work, operation, context, writer), goBack)
    },
  }
  const held = { ...session, confirm: async () => await session.confirm() }
  const { revision } = await takeReleaseBack(way, { ...context, ...held, clock, codec, report, signal })
  progress.revisionAfter = revision
  if (revision !== undefined) session.record.release(release.name, revision)
  return { what: 'revision', release: release.name, from: newest.revision, to: revision, as: target.revision, hooks }
}

async function following(hooks: HookWatch, action: () => Promise<void>): Promise<readonly string[]> {
  try {
    await action()
    return await hooks.done()
  } catch (error) {
    throw await hooks.explain(error)
  } finally {
    await hooks.close()
  }
}

/** A Job that came back, ended well and is gone again by its TTL: planned once more, it would be made once more. */
function hasRun({ ref, action }: ObjectPlan, { follower }: Followed): boolean {
  if (ref.kind !== 'Job' || action !== 'create') return false
  return follower.judge.verdict(ref, follower.now()).state === 'ready'
}

/** Planning the same rollback again must find nothing to do, field by field, and what had to go must be gone. */
async function proveReturn(context: Followed, { ports }: Writer): Promise<string[]> {
  const live = await readLive(context, ports)
  const releases = context.releases.map((work) => ({ ...work, previous: work.rendered, takes: [] }))
  const again = await assess({ ...context, releases, live, notChecked: [], warnings: [] }, ports)
  const odd = again.releases
    .flatMap(({ plans }) => touched(plans))
    .filter((plan) => !hasRun(plan, context))
    .map(({ ref }) => nameOf(ref))
  const left = context.releases
    .flatMap(({ plans }) => plans)
    .filter(({ action, ref }) => action === 'delete' && live.get(keyOf(ref))?.metadata.deletionTimestamp === undefined)
    .filter(({ ref }) => live.has(keyOf(ref)))
    .map(({ ref }) => `${nameOf(ref)} (left behind)`)
  const leaving = new Map([...live.values()].filter(isLeaving).map((object) => [nameOf(object), toldLeaving(object)]))
  const names = [...odd, ...left].map((name) => leaving.get(name) ?? name)
  const number = context.target?.number ?? 0
  const [first] = names
  const before = number === BEFORE_HELM ? 'before Helm' : `#${number}`
  if (first === undefined) return [`as ${before}`]
  throw new ForgeError('E_ROLLBACK_DIFFERS', `not as ${before} had it: ${names.join(', ')}`, {
    hint: kubectl(['get', 'events', '--sort-by=.lastTimestamp'], context.project.environment.namespace),
    where: first,
  })
}
