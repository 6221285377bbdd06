import { refOf, type KubeObject } from '../kube.ts'
import { hasWritten, needed, type Asking } from './kustomization.ts'
import { linksOf } from './links.ts'
import { revisionIs, revisionText, versionIs } from './revision.ts'
import { fluxSpec, fluxStatus, freshCondition, isFreshly, speaksOfSpec } from './shapes.ts'
import { brief, held, isSuspended } from './source.ts'
import { placed, type FollowContext, type Standing, type State } from './standing.ts'

const MAY_PASS_MS = 30_000
const MISSING_MS = 60_000

/** Reasons of its condition Ready (helm-controller) that no attempt was made for; what is only still to come is none of them. */
const BEFORE = new Set([
  ...['ValuesError', 'ChartMutateError', 'RESTClientError', 'FactoryError'],
  ...['AccessDenied', 'InvalidCELExpression'],
])

/**
 * It has given up on this very spec. What is written at the end of an attempt says that it is of the newest generation, whichever
 * the attempt was of (tried: helm-controller 1.4); `observedGeneration` of the status is right.
 */
function isStalled(object: KubeObject): boolean {
  return isFreshly(object, 'Stalled') && speaksOfSpec(object)
}

/**
 * Of a HelmRelease. Its own status names the version of the chart, not the commit: who applies it, and of what its chart was
 * packed, say that.
 */
export function judgeHelmRelease(object: KubeObject, context: Asking): State | Standing {
  const ref = refOf(object)
  const { parent } = linksOf(object)
  const above = parent === undefined ? undefined : aboveOf(parent, context)
  if (above !== undefined) return above
  if (isSuspended(object)) return held(object, `${placed(ref)} takes nothing new`, context)
  const chart = chartOf(object, context)
  if (chart.state !== 'applied') return chart
  const isTried = (fluxStatus(object['status']).lastAttemptedGeneration ?? 0) >= (object.metadata.generation ?? 0)
  if (isTried && isFreshly(object, 'Ready') && speaksOfSpec(object)) return chart
  const failed = (isTried ? failureOf(object) : undefined) ?? brokenBefore(object)
  const why = isTried ? doing(object) : `${placed(ref)} is not taken up yet`
  return failed ?? needed(object, context) ?? { state: 'waiting', why }
}

/** Undefined: the HelmRelease is as the wanted revision has it. */
function aboveOf(parent: Standing['on'], context: Asking): Standing | undefined {
  const owner = context.get(parent)
  if (owner?.kind === 'Kustomization' && hasWritten(owner, context)) return undefined
  const found = context.ask(parent)
  return found.state === 'applied' ? undefined : found
}

type Chart = Standing | State

function chartOf(object: KubeObject, context: Asking): Chart {
  const { get, ask, isOurs } = context
  const ref = refOf(object)
  const { chart, source } = linksOf(object)
  if (chart === undefined) return fromArtifact(object, context)
  const packed = get(chart)
  const from = source ?? (packed === undefined ? undefined : linksOf(packed).source)
  if (packed === undefined || from === undefined) return { state: 'waiting', why: `${placed(chart)} is not made yet` }
  const fetched = ask(from)
  if (isOurs(from) && fetched.state !== 'applied') return fetched
  const built: State = isOurs(from) ? builtOf(packed, context) : { state: 'applied' }
  if (built.state !== 'applied') return { ...built, on: chart, chain: [placed(ref), placed(chart)] }
  const { revision } = fluxStatus(packed['status']).artifact ?? {}
  const { lastAttemptedRevision: tried = '' } = fluxStatus(object['status'])
  if (revision !== undefined && revision === tried) return built
  return { state: 'waiting', why: `${placed(ref)} has not taken chart ${revisionText(revision)} yet` }
}

/** The chart is an OCI artifact itself. */
function fromArtifact(object: KubeObject, { ask, isOurs, wanted }: Asking): Chart {
  const ref = refOf(object)
  const { source } = linksOf(object)
  const { lastAttemptedRevisionDigest: digest } = fluxStatus(object['status'])
  if (source === undefined) return { state: 'waiting', why: `${placed(ref)} names no chart` }
  const fetched = ask(source)
  if (fetched.state !== 'applied') return fetched
  if (!isOurs(source) || revisionIs(wanted, digest)) return { state: 'applied' }
  return { state: 'waiting', why: `${placed(ref)} runs ${revisionText(digest)}` }
}

/** Whether the chart was looked at in the wanted revision; it is packed again only for a new version, unless the strategy is Revision. */
function builtOf(packed: KubeObject, { wanted }: FollowContext): State {
  const ref = refOf(packed)
  const { observedSourceArtifactRevision: seen, artifact } = fluxStatus(packed['status'])
  if (!revisionIs(wanted, seen)) return { state: 'waiting', why: `${placed(ref)} is packed of ${revisionText(seen)}` }
  const failed = isFreshly(packed, 'BuildFailed') ? freshCondition(packed, 'BuildFailed') : undefined
  if (failed !== undefined)
    return { state: 'failing', reason: failed.reason ?? 'BuildFailed', why: brief(failed.message), lastsMs: 0 }
  if (!isFreshly(packed, 'Ready') || !speaksOfSpec(packed))
    return { state: 'waiting', why: `${placed(ref)} is not packed yet` }
  const { reconcileStrategy } = packed['spec'] as { readonly reconcileStrategy?: string }
  const version = artifact?.revision ?? ''
  if (reconcileStrategy === 'Revision')
    return versionIs(wanted, version)
      ? { state: 'applied' }
      : { state: 'waiting', why: `${placed(ref)} is packed as ${version}` }
  const note = `${placed(ref)} stays as it was packed as ${version} until its version changes (reconcileStrategy: ChartVersion)`
  return { state: 'applied', note }
}

/** Of an attempt with this spec and this chart. */
function failureOf(object: KubeObject): State | undefined {
  const stalled = isFreshly(object, 'Stalled') ? freshCondition(object, 'Stalled') : undefined
  const broken = ['TestSuccess', 'Released'].flatMap((type) =>
    isFreshly(object, type, 'False') ? (freshCondition(object, type) ?? []) : [],
  )
  const remedy = freshCondition(object, 'Remediated')
  const [first = stalled ?? remedy] = broken
  if (first === undefined) return undefined
  const { install, upgrade } = fluxSpec(object['spec'])
  const tries = [install, upgrade].some((one) => one?.strategy?.name === 'RetryOnFailure')
  return {
    state: 'failing',
    reason: first.reason ?? 'Stalled',
    why: brief(first.message),
    // A retry begins at once; that none is left is said by Stalled.
    lastsMs: isStalled(object) ? 0 : tries ? MAY_PASS_MS : Number.POSITIVE_INFINITY,
    ...(remedy === undefined ? {} : { undone: undoneText(object, remedy.status, remedy.reason) }),
  }
}

function undoneText(object: KubeObject, status: string, reason = ''): string {
  const what = placed(refOf(object))
  if (status !== 'True') return `Flux could not take ${what} back (${reason})`
  return /^Uninstall/u.test(reason)
    ? `Flux uninstalled ${what} by itself: nothing of it runs`
    : `Flux rolled ${what} back by itself: what ran before runs`
}

/** Before it tries: values that are not there, a chart that cannot be changed as it says. */
function brokenBefore(object: KubeObject): State | undefined {
  const ready = freshCondition(object, 'Ready')
  const { reason = '', status, message } = ready ?? {}
  if (status !== 'False' || !BEFORE.has(reason)) return undefined
  const lastsMs = isStalled(object) ? 0 : MISSING_MS
  return { state: 'failing', reason, why: brief(message), lastsMs }
}

function doing(object: KubeObject): string {
  const what = placed(refOf(object))
  const going = freshCondition(object, 'Reconciling')?.message ?? freshCondition(object, 'Ready')?.message
  return going === undefined ? `${what} is not taken up yet` : `${what}: ${brief(going)}`
}
