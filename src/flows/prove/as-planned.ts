import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import { differenceOf, type Written } from '../../domain/plan/as-planned.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { withValues } from '../../domain/plan/preserved.ts'
import { isEqual } from '../../domain/canonical.ts'
import { recordedOtherwise } from '../../domain/plan/recorded.ts'
import { shortField } from '../../screen/plan-fields.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { allInOrder } from '../all-in-order.ts'
import { keptValues } from '../plan/manifest.ts'
import { stamped } from '../desire/stamped.ts'
import type { Applied, AppliedRelease } from '../phases/applied.ts'
import { isNamespaced } from '../observe/kinds.ts'
import { readLive } from '../observe/live.ts'

/** Differences that are named; all of them are in the error's problems. */
const NAMED = 5

/**
 * helm has ended well; before anything is waited for, what it has written down of a release and what the cluster holds since
 * must be what was planned. Throws E_NOT_AS_PLANNED.
 */
export async function requireAsPlanned(work: AppliedRelease, context: Applied, signal: AbortSignal): Promise<void> {
  await allInOrder([requireRecorded(work, context, signal), requireWritten(work, context, signal)])
}

/** The record: the next deploy, a rollback and every proof go by it. */
async function requireRecorded(work: AppliedRelease, context: Applied, signal: AbortSignal): Promise<void> {
  const { release, rendered, varies } = work
  const { revisionAfter } = work.progress
  const { cluster, charts, facts } = context
  const record =
    revisionAfter === undefined
      ? (await cluster.history(release.name, release.namespace, signal))[0]
      : await cluster.revision(release, revisionAfter, signal)
  if (record === undefined) throw otherwise([`release ${release.name} (helm kept no record of it)`])
  const parse = (manifest: string): Rendered[] =>
    parseManifest(manifest, release.namespace, isNamespaced(facts.resources))
  const hooks = record.hooks.flatMap(({ manifest }) => parse(manifest))
  // helm 3 renders hooks itself, whatever it is given for the rest.
  const isCompared = ({ hook }: Rendered): boolean => hook === undefined || !varies || charts.major >= 4
  const names = recordedOtherwise({
    rendered: rendered.filter(isCompared),
    recorded: [...parse(record.manifest), ...hooks].filter(isCompared),
    kept: keptValues(work, context),
  })
  if (names.length > 0) throw otherwise(names)
}

/** The objects themselves, as the preview had said they would be. Those that were to stay as they are cost no read. */
async function requireWritten(work: AppliedRelease, context: Applied, signal: AbortSignal): Promise<void> {
  const live = await readLive({ ...context, releases: [touchedOf(work)] }, { signal })
  const found = await Promise.all(
    writtenOf(work, context, live).map(async (one) => await differencesOf(one, work, context, signal)),
  )
  if (found.flat().length > 0) throw otherwise(found.flat())
}

function touchedOf({ plans, rendered, previous }: AppliedRelease): Pick<AppliedRelease, 'rendered' | 'previous'> {
  const keys = new Set(
    plans
      .filter(({ action }) => ['create', 'change', 'replace', 'delete'].includes(action))
      .map(({ ref }) => keyOf(ref)),
  )
  const own = ({ object, hook }: Rendered): boolean => hook === undefined && keys.has(keyOf(object))
  return { rendered: rendered.filter(own), previous: previous.filter(own) }
}

function writtenOf(work: AppliedRelease, context: Applied, live: ReadonlyMap<string, KubeObject>): Written[] {
  const kept = keptValues(work, context)
  const rendered = new Map(work.rendered.map(({ object }) => [keyOf(object), object]))
  // Kinds that came with this very release are not known yet, and were not read.
  const { resources } = context.facts
  const known = work.plans.filter(({ ref }) =>
    resources.some(({ apiVersion, kind }) => apiVersion === ref.apiVersion && kind === ref.kind),
  )
  return known.map((plan) => {
    const key = keyOf(plan.ref)
    const object = rendered.get(key)
    return {
      plan,
      sent: object === undefined ? undefined : withValues(object, kept[key] ?? []),
      before: context.live.get(key),
      after: live.get(key),
      free: object === undefined ? [] : context.preserved(object).map(({ path }) => path),
    }
  })
}

/** Names of an object's fields, as they are told. */
async function differencesOf(
  written: Written,
  work: AppliedRelease,
  context: Applied,
  signal: AbortSignal,
): Promise<string[]> {
  const { odd, asks } = differenceOf(written)
  const asked = asks.length === 0 ? [] : await unexplained(asks, written, work, context, signal)
  return [...odd, ...asked].map((field) => `${nameOf(written.plan.ref)} ${shortField(field)}`)
}

/** Applied once more, in a dry run, would it become what it is now? Then this is how the API server, or a webhook, stores it. */
async function unexplained(
  fields: readonly string[],
  { sent, after, plan }: Written,
  work: AppliedRelease,
  { cluster, warnings }: Applied,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (sent === undefined || after === undefined) return []
  const prediction = await cluster.predict(stamped(sent, work), { mode: 'apply', force: true }, signal)
  if (prediction.kind === 'predicted')
    return fields.filter((path) => !isEqual(valueAt(prediction.object, path), valueAt(after, path)))
  warnings.push(`${nameOf(plan.ref)} is not stored as it was sent (${fields.join(', ')}), and why cannot be asked`)
  return []
}

function otherwise(names: readonly string[]): ForgeError {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const shown = names.slice(0, NAMED).join(', ')
  return new ForgeError('E_NOT_AS_PLANNED', `helm has not made what was planned: ${shown}${more}`, {
    hint: forge('plan'),
    where: names[0] ?? 'helm',
    problems: names.map((message) => ({ message })),
  })
}
