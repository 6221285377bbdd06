import { refOf, type KubeObject } from '../kube.ts'
import { linksOf } from './links.ts'
import { hexOf, revisionIs, revisionText } from './revision.ts'
import { fluxStatus, freshCondition, isFreshly, speaksOfSpec } from './shapes.ts'
import { brief, held, isSuspended, supersededBy } from './source.ts'
import { placed, type FollowContext, type Standing, type State } from './standing.ts'
import type { Condition } from '../readiness/conditions.ts'

/** What an object may ask of others that it depends on. */
export interface Asking extends FollowContext {
  readonly ask: (ref: Standing['on']) => Standing
}

/** As long as in reported.ts: what a webhook or a definition that is still to come refuses goes by itself. */
const MAY_PASS_MS = 30_000

/** Reasons of its condition Ready (kustomize-controller, internal/controller), with how long each may pass by itself. */
const FAILURES: Readonly<Record<string, number>> = {
  BuildFailed: 0,
  HealthCheckFailed: 0,
  ReconciliationFailed: MAY_PASS_MS,
  PruneFailed: MAY_PASS_MS,
}

/** Of a Kustomization of Flux. */
export function judgeKustomization(object: KubeObject, context: Asking): State | Standing {
  const { wanted, isOurs, ask } = context
  const ref = refOf(object)
  const { source } = linksOf(object)
  const { lastAppliedRevision: applied } = fluxStatus(object['status'])
  if (source === undefined) return { state: 'waiting', why: `${placed(ref)} names no source` }
  const isWanted = !isOurs(source) || revisionIs(wanted, applied)
  if (isWanted && isFreshly(object, 'Ready') && speaksOfSpec(object)) return { state: 'applied' }
  const has = `${placed(ref)} has applied ${revisionText(applied)}`
  if (isSuspended(object)) return held(object, has, context)
  const failed = isOurs(source) ? failureOf(object, context) : undefined
  if (failed !== undefined) return failed
  const past = isWanted || !isOurs(source) ? undefined : supersededBy(object, applied, context, has)
  if (past !== undefined) return past
  const fetched = ask(source)
  if (fetched.state !== 'applied') return fetched
  return needed(object, context) ?? { state: 'waiting', why: waitingText(object, has) }
}

/** The first of what it depends on that is not there: its failure is the cause. */
export function needed(object: KubeObject, { ask }: Pick<Asking, 'ask'>): Standing | undefined {
  if (freshCondition(object, 'Ready')?.reason !== 'DependencyNotReady') return undefined
  return linksOf(object)
    .needs.map((ref) => ask(ref))
    .find(({ state }) => state !== 'applied')
}

/** Whether what the wanted revision says is written by now, if not proven: what it applies can be judged. */
export function hasWritten(object: KubeObject, { wanted, isOurs }: FollowContext): boolean {
  const { source } = linksOf(object)
  if (source === undefined || !isOurs(source)) return true
  const { lastAttemptedRevision: tried, lastAppliedRevision: applied } = fluxStatus(object['status'])
  if (revisionIs(wanted, applied)) return true
  const ready = freshCondition(object, 'Ready')
  const checks = /health checks/u.test(freshCondition(object, 'Reconciling')?.message ?? '')
  return revisionIs(wanted, tried) && (ready?.reason === 'HealthCheckFailed' || checks)
}

function failureOf(object: KubeObject, { wanted }: FollowContext): State | undefined {
  const ready = freshCondition(object, 'Ready')
  if (ready === undefined || ready.status !== 'False') return undefined
  const { lastAttemptedRevision: tried } = fluxStatus(object['status'])
  const { reason = '', message } = ready
  const lastsMs = isFreshly(object, 'Stalled') ? 0 : FAILURES[reason]
  if (lastsMs !== undefined && revisionIs(wanted, tried)) return failing(reason, message, lastsMs)
  // It fails on a missing folder before it says what it tries; what it goes on about names the revision.
  const fetching = freshCondition(object, 'Reconciling')?.message ?? ''
  const isOfWanted = fetching.split(' ').some((word) => hexOf(word) !== undefined && revisionIs(wanted, word))
  return /path not found/u.test(message ?? '') && isOfWanted ? failing(reason, message, 0) : undefined
}

function failing(reason: string, message: Condition['message'], lastsMs: number): State {
  return { state: 'failing', reason, why: brief(message), lastsMs }
}

function waitingText(object: KubeObject, has: string): string {
  const ready = freshCondition(object, 'Ready')
  const going = freshCondition(object, 'Reconciling')?.message
  if (ready?.status === 'False') return `${has}: ${ready.reason ?? 'not ready'}, ${brief(ready.message)}`
  return going === undefined ? has : `${has}: ${brief(going)}`
}
