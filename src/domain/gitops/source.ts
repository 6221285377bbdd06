import { memoryOf } from '../pause/memory.ts'
import { keyOf, refOf, type KubeObject } from '../kube.ts'
import { revisionIs, revisionText } from './revision.ts'
import { fluxSpec, fluxStatus, freshCondition, isFreshly } from './shapes.ts'
import { placed, unsuspend, type FollowContext, type State } from './standing.ts'

/** Of a GitRepository, OCIRepository or Bucket: `applied` means that it has fetched the wanted revision. */
export function judgeSource(object: KubeObject, context: FollowContext): State {
  const { wanted, isOurs } = context
  const ref = refOf(object)
  const { interval = '' } = fluxSpec(object['spec'])
  const { revision } = fluxStatus(object['status']).artifact ?? {}
  if (!isOurs(ref) || revisionIs(wanted, revision)) return { state: 'applied' }
  const has = `${placed(ref)} has fetched ${revisionText(revision)}`
  if (isSuspended(object)) return held(object, has, context)
  const past = supersededBy(object, revision, context, has)
  if (past !== undefined) return past
  const failed = isFreshly(object, 'FetchFailed') ? freshCondition(object, 'FetchFailed') : undefined
  const stalled = isFreshly(object, 'Stalled') ? freshCondition(object, 'Stalled') : undefined
  const trouble = failed ?? stalled
  if (trouble !== undefined)
    return { state: 'waiting', why: `${placed(ref)} cannot fetch it: ${brief(trouble.message)}` }
  const again = interval === '' ? '' : `; it looks every ${interval}`
  return { state: 'waiting', why: `${has}${unknownText(revision, context)}${again}` }
}

/** Somebody else came first, or after: `revision` is newer by the history, or was the wanted one before. */
export function supersededBy(
  object: KubeObject,
  revision: string | undefined,
  { relation, had }: FollowContext,
  what: string,
): State | undefined {
  if (revision === undefined || revision === '') return undefined
  if (relation(revision) !== 'newer' && !had.has(keyOf(object))) return undefined
  return { state: 'superseded', by: revisionText(revision), why: what }
}

export function isSuspended(object: KubeObject): boolean {
  return fluxSpec(object['spec']).suspend === true
}

export function held(object: KubeObject, has: string, { resume }: FollowContext): State {
  const byForge = memoryOf(object) !== undefined
  return {
    state: 'held',
    why: `${has}, and is suspended${byForge ? ' by forge pause' : ''}`,
    resume: byForge ? resume : unsuspend(refOf(object)),
  }
}

/** Of one that the history of the checkout does not have. */
export function unknownText(revision: string | undefined, { relation }: Pick<FollowContext, 'relation'>): string {
  if (revision === undefined || revision === '' || relation(revision) !== 'unknown') return ''
  return ' (newer, or of another branch, if it is not older)'
}

const LONGEST = 400

/** A controller's message in one line. */
export function brief(message: string | undefined): string {
  const text = (message ?? '').trim().replace(/\s+/gu, ' ')
  return text === '' ? 'it does not say why' : text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
