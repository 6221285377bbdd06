import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { IN_VERSIONS, versionDifferences } from '../../domain/definitions/definition.ts'
import { allDifferences } from '../../domain/plan/all-differences.ts'
import { conflictsOf } from '../../domain/plan/conflicts.ts'
import { withdrawnFields } from '../../domain/plan/diff.ts'
import { isWithin } from '../../domain/plan/field-path.ts'
import { takenBack } from '../../domain/plan/drift.ts'
import { fixedField, mayBeReplaced } from '../../domain/plan/immutable.ts'
import type { DriftedField, FieldChange, ObjectPlan } from '../../domain/plan/model.ts'
import { helmOwner } from '../../domain/plan/ownership.ts'
import { isBundledDefinition } from '../../domain/manifest/parse.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { isEqual } from '../../domain/canonical.ts'
import { withLiveValues } from '../../domain/plan/preserved.ts'
import type { Prediction } from '../../ports.ts'
import type { Assessed, ReleasePlan } from '../phases/planned.ts'
import { previousToPatch, unpatchablePorts } from './patched.ts'
import { stamped } from '../desire/stamped.ts'
import { refusedObject, refusedOr } from './refused-object.ts'
import { inParallel } from '../in-parallel.ts'

/** Dry runs at a time: the API server limits a client's share of it. */
export const DRY_RUNS_AT_ONCE = 16

/** One object of a release, and where it is asked about. */
interface Asked {
  readonly work: ReleasePlan
  readonly context: Assessed
  readonly signal: AbortSignal
  readonly plan: ObjectPlan
  readonly wanted: KubeObject
  readonly previous: KubeObject | undefined
  readonly live: KubeObject | undefined
}

/** The plans of one release with what the API server says that it would store, in the release's own way (docs/design.md, facts). */
export async function predictRelease(
  work: ReleasePlan,
  context: Assessed,
  signal: AbortSignal,
): Promise<readonly ObjectPlan[]> {
  const previous = previousObjects(work)
  const rendered = new Map(work.rendered.map(({ object }) => [keyOf(object), object]))
  return await inParallel(work.plans, DRY_RUNS_AT_ONCE, async (plan) => {
    const key = keyOf(plan.ref)
    const wanted = rendered.get(key)
    if (wanted === undefined) return plan
    const scene = { work, context, signal }
    return await predictOne({ ...scene, plan, wanted, previous: previous.get(key), live: context.live.get(key) })
  })
}

async function predictOne(asked: Asked): Promise<ObjectPlan> {
  const { work, context, signal, plan, live } = asked
  if (work.release.crds === 'update' && isBundledDefinition(plan)) return await predictDefinition(asked)
  if (plan.action === 'create') return await predictCreation(asked)
  if (live === undefined || !isSent(asked)) return plan
  const fixed = fixedField(live, plan.changes)
  if (fixed !== undefined) return replaced(asked, fixed)
  if (work.way === 'patch') {
    const ports = unpatchablePorts(plan, [asked.wanted, asked.previous, live])
    if (ports !== undefined)
      return replaced(asked, `${ports} has one number in two protocols, and helm's patch mixes them up`)
  }
  const isManaged = context.project.environment.managedBy !== undefined
  const wanted = withLiveValues(asked.wanted, asked.previous, live, context.preserved(asked.wanted))
  // Plain objects that a GitOps tool applies belong to no release of helm's.
  const sent = isManaged && helmOwner(live) === undefined ? wanted : stamped(wanted, work)
  const before = previousToPatch(plan, asked.previous)
  const previous = before === undefined ? undefined : stamped(before, work)
  const way =
    work.way === 'apply' ? ({ mode: 'apply', force: isManaged } as const) : ({ mode: 'patch', previous, live } as const)
  return await told(asked, await context.cluster.predict(sent, way, signal))
}

/** forge applies it itself, as it stands in crds/, whoever wrote it before. */
async function predictDefinition(asked: Asked): Promise<ObjectPlan> {
  const { context, signal, plan, wanted, live } = asked
  if (plan.action !== 'change' || live === undefined) return plan
  const prediction = await context.cluster.predict(wanted, { mode: 'apply', force: true }, signal)
  const found = await told(asked, prediction)
  const others = found.changes.filter(({ path }) => !IN_VERSIONS.test(path))
  const isSplit = prediction.kind === 'predicted' && others.length < found.changes.length
  const changes = isSplit ? [...others, ...versionDifferences(prediction.object, live)] : found.changes
  return { ...found, changes, conflicts: [] }
}

/**
 * Helm sends what changes. What is live already but stood otherwise in the last manifest is tried too: the text `"80"` equals
 * the number in a comparison, and a server-side apply refuses it.
 */
function isSent({ plan: { action }, previous, wanted }: Asked): boolean {
  return action === 'change' || (action === 'unchanged' && previous !== undefined && !isEqual(previous, wanted))
}

async function told(asked: Asked, prediction: Prediction): Promise<ObjectPlan> {
  const { context, signal, plan, live } = asked
  if (live === undefined) return plan
  const known = (): ObjectPlan['conflicts'] => conflictsOf(plan.changes, asked.previous, live)
  switch (prediction.kind) {
    case 'predicted':
      noteDropped(asked, prediction)
      return withChanges(asked, allDifferences(live, prediction.object))
    case 'conflict': {
      const changes = prediction.object === undefined ? plan.changes : allDifferences(live, prediction.object)
      const found = withChanges(asked, changes)
      // What the API server names and managedFields do not explain is somebody's all the same.
      const unexplained = prediction.conflicts.map(({ field, manager }) => ({
        field: field.replace(/^\./u, ''),
        manager,
        held: true,
      }))
      return found.conflicts.length > 0 ? found : { ...found, conflicts: unexplained }
    }
    case 'immutable':
      return replaced(asked, prediction.message)
    case 'invalid':
    case 'webhook-silent':
      return await refusedOr({ ...plan, conflicts: known() }, prediction, context, signal)
    case 'not-checked':
      return { ...plan, notChecked: prediction.why, conflicts: known() }
  }
}

/** What a dry run finds equal is no change: quantities in another unit, fields that the API server normalizes. */
function withChanges(asked: Asked, all: readonly FieldChange[]): ObjectPlan {
  const { context, plan, wanted, previous, live } = asked
  const preserved = context.preserved(wanted)
  const changes = all.filter(({ path }) => !preserved.some((one) => isWithin(path, one.path)))
  const conflicts = live === undefined ? [] : conflictsOf(changes, previous, live)
  noteStaying(asked, changes)
  const action = changes.length === 0 ? 'unchanged' : 'change'
  return { ...plan, changes, conflicts, action, drift: takenBack(plan.drift, changes) }
}

function replaced({ plan, wanted, context }: Asked, because: string): ObjectPlan {
  if (mayBeReplaced(wanted)) return { ...plan, action: 'replace', because, drift: plan.drift.map(lost) }
  throw refusedObject(
    'E_OBJECT_IMMUTABLE',
    plan,
    `${because}, and forge never deletes a ${plan.ref.kind} to make it anew`,
    context,
  )
}

/** What somebody added to an object goes with it when it is made anew. */
function lost(field: DriftedField): DriftedField {
  return field.end === 'stays' ? { ...field, end: 'overwritten' } : field
}

/** Creations are tried too: an object that the API server refuses would end the upgrade in its middle. */
async function predictCreation(asked: Asked): Promise<ObjectPlan> {
  const { work, context, signal, plan, wanted } = asked
  const missing = context.facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [name] : []))
  if (missing.includes(work.release.namespace) || missing.includes(wanted.metadata.namespace ?? '')) return plan
  const way = work.way === 'apply' ? ({ mode: 'apply', force: true } as const) : ({ mode: 'create' } as const)
  const prediction = await context.cluster.predict(stamped(wanted, work), way, signal)
  if (prediction.kind === 'predicted') noteDropped(asked, prediction)
  if (prediction.kind === 'not-checked') return { ...plan, notChecked: prediction.why }
  if (prediction.kind === 'invalid' || prediction.kind === 'webhook-silent')
    return await refusedOr(plan, prediction, context, signal)
  return plan
}

/** What the chart states no longer and the API server keeps: a deprecated twin of the field, or another owner, holds it. */
function noteStaying({ context, plan, wanted, previous, live }: Asked, changes: readonly FieldChange[]): void {
  if (previous === undefined || live === undefined) return
  const kept = context.preserved(wanted)
  for (const { path, after } of withdrawnFields(previous, wanted, live)) {
    if (after !== undefined || kept.some((one) => isWithin(path, one.path))) continue
    if (changes.some((one) => isWithin(one.path, path) || isWithin(path, one.path))) continue
    context.warnings.push(`${nameOf(plan.ref)}: the chart gives up ${path}, and it stays as it is live`)
  }
}

/** helm 3 does not report it: the API server drops what the chart says there. */
function noteDropped({ context, plan }: Asked, { dropped }: Extract<Prediction, { kind: 'predicted' }>): void {
  if (dropped === undefined) return
  context.warnings.push(`${nameOf(plan.ref)}: the API server drops what it does not know: ${dropped}`)
}
