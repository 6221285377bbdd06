import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { IN_VERSIONS, versionDifferences } from '../../domain/definitions/definition.ts'
import { allDifferences } from '../../domain/plan/all-differences.ts'
import { conflictsOf } from '../../domain/plan/conflicts.ts'
import { withdrawnFields } from '../../domain/plan/diff.ts'
import { isWithin } from '../../domain/plan/field-path.ts'
import { takenBack } from '../../domain/plan/drift.ts'
import { fixedField, mayBeReplaced } from '../../domain/plan/immutable.ts'
import type { DriftedField, FieldChange, ObjectPlan } from '../../domain/plan/model.ts'
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
const AT_ONCE = 16

interface Asked {
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
  return await inParallel(work.plans, AT_ONCE, async (plan) => {
    const key = keyOf(plan.ref)
    const wanted = rendered.get(key)
    if (wanted === undefined) return plan
    const asked = { plan, wanted, previous: previous.get(key), live: context.live.get(key) }
    return await predictOne(asked, work, context, signal)
  })
}

async function predictOne(
  asked: Asked,
  work: ReleasePlan,
  context: Assessed,
  signal: AbortSignal,
): Promise<ObjectPlan> {
  const { plan, live } = asked
  if (work.release.crds === 'update' && isBundledDefinition(plan))
    return await predictDefinition(asked, context, signal)
  if (plan.action === 'create') return await predictCreation(asked, work, context, signal)
  if (live === undefined || !isSent(asked)) return plan
  const fixed = fixedField(live, plan.changes)
  if (fixed !== undefined) return replaced(asked, fixed)
  if (work.way === 'patch') {
    const ports = unpatchablePorts(plan, [asked.wanted, asked.previous, live])
    if (ports !== undefined)
      return replaced(asked, `${ports} has one number in two protocols, and helm's patch mixes them up`)
  }
  const sent = stamped(withLiveValues(asked.wanted, asked.previous, live, context.preserved(asked.wanted)), work)
  const before = previousToPatch(plan, asked.previous)
  const previous = before === undefined ? undefined : stamped(before, work)
  const way =
    work.way === 'apply' ? ({ mode: 'apply', force: false } as const) : ({ mode: 'patch', previous, live } as const)
  return await told(asked, await context.cluster.predict(sent, way, signal), context, signal)
}

/** forge applies it itself, as it stands in crds/, whoever wrote it before. */
async function predictDefinition(asked: Asked, context: Assessed, signal: AbortSignal): Promise<ObjectPlan> {
  const { plan, wanted, live } = asked
  if (plan.action !== 'change' || live === undefined) return plan
  const prediction = await context.cluster.predict(wanted, { mode: 'apply', force: true }, signal)
  const found = await told(asked, prediction, context, signal)
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

async function told(asked: Asked, prediction: Prediction, context: Assessed, signal: AbortSignal): Promise<ObjectPlan> {
  const { plan, live } = asked
  if (live === undefined) return plan
  switch (prediction.kind) {
    case 'predicted':
      noteDropped(plan, prediction, context)
      return withChanges(asked, allDifferences(live, prediction.object), context)
    case 'conflict': {
      const changes = prediction.object === undefined ? plan.changes : allDifferences(live, prediction.object)
      const found = withChanges(asked, changes, context)
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
      return await refusedOr(
        { ...plan, conflicts: conflictsOf(plan.changes, asked.previous, live) },
        prediction,
        context,
        signal,
      )
    case 'not-checked':
      return { ...plan, notChecked: prediction.why, conflicts: conflictsOf(plan.changes, asked.previous, live) }
  }
}

/** What a dry run finds equal is no change: quantities in another unit, fields that the API server normalizes. */
function withChanges(
  { plan, wanted, previous, live }: Asked,
  all: readonly FieldChange[],
  context: Assessed,
): ObjectPlan {
  const preserved = context.preserved(wanted)
  const changes = all.filter(({ path }) => !preserved.some((one) => isWithin(path, one.path)))
  const conflicts = live === undefined ? [] : conflictsOf(changes, previous, live)
  noteStaying({ plan, wanted, previous, live }, changes, context)
  const action = changes.length === 0 ? 'unchanged' : 'change'
  return { ...plan, changes, conflicts, action, drift: takenBack(plan.drift, changes) }
}

function replaced({ plan, wanted }: Asked, because: string): ObjectPlan {
  if (mayBeReplaced(wanted)) return { ...plan, action: 'replace', because, drift: plan.drift.map(lost) }
  throw refusedObject(
    'E_OBJECT_IMMUTABLE',
    plan,
    `${because}, and forge never deletes a ${plan.ref.kind} to make it anew`,
  )
}

/** What somebody added to an object goes with it when it is made anew. */
function lost(field: DriftedField): DriftedField {
  return field.end === 'stays' ? { ...field, end: 'overwritten' } : field
}

/** Creations are tried too: an object that the API server refuses would end the upgrade in its middle. */
async function predictCreation(
  { plan, wanted }: Asked,
  work: ReleasePlan,
  context: Assessed,
  signal: AbortSignal,
): Promise<ObjectPlan> {
  const missing = context.facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [name] : []))
  if (missing.includes(work.release.namespace) || missing.includes(wanted.metadata.namespace ?? '')) return plan
  const way = work.way === 'apply' ? ({ mode: 'apply', force: true } as const) : ({ mode: 'create' } as const)
  const prediction = await context.cluster.predict(stamped(wanted, work), way, signal)
  if (prediction.kind === 'predicted') noteDropped(plan, prediction, context)
  if (prediction.kind === 'not-checked') return { ...plan, notChecked: prediction.why }
  if (prediction.kind === 'invalid' || prediction.kind === 'webhook-silent')
    return await refusedOr(plan, prediction, context, signal)
  return plan
}

/** What the chart states no longer and the API server keeps: a deprecated twin of the field, or another owner, holds it. */
function noteStaying(
  { plan, wanted, previous, live }: Asked,
  changes: readonly FieldChange[],
  { preserved, warnings }: Assessed,
): void {
  if (previous === undefined || live === undefined) return
  const kept = preserved(wanted)
  for (const { path, after } of withdrawnFields(previous, wanted, live)) {
    if (after !== undefined || kept.some((one) => isWithin(path, one.path))) continue
    if (changes.some((one) => isWithin(one.path, path) || isWithin(path, one.path))) continue
    warnings.push(`${nameOf(plan.ref)}: the chart gives up ${path}, and it stays as it is live`)
  }
}

/** helm 3 does not report it: the API server drops what the chart says there. */
function noteDropped(
  { ref }: ObjectPlan,
  { dropped }: Extract<Prediction, { kind: 'predicted' }>,
  { warnings }: Assessed,
): void {
  if (dropped !== undefined) warnings.push(`${nameOf(ref)}: the API server drops what it does not know: ${dropped}`)
}
