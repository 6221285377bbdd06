import { creationSymptoms } from '../rules/creation.ts'
import type { Hint } from '../../../hint.ts'
import type { KubeObject } from '../../kube.ts'
import { conditionOf } from '../conditions.ts'
import { specOf, statusOf } from '../shapes.ts'
import { NEVER, deepest, type RuleContext, type Symptom } from '../symptom.ts'
import { podSymptoms } from '../pod-symptoms.ts'
import type { ObservedObject } from '../object-cache.ts'
import {
  UNOBSERVED,
  isObserved,
  paused,
  progressing,
  ready,
  type Assess,
  type Progress,
  type RolloutFacts,
} from './assessment.ts'

const REVISION = 'deployment.kubernetes.io/revision'

export interface DeploymentFacts extends RolloutFacts {
  readonly paused: boolean
  /** The command that goes on. */
  readonly resume?: Hint
  readonly replicas: number
  readonly updated: number
  readonly available: number
}

/**
 * The rules of `kubectl rollout status` (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment):
 * observed, all updated, no old ones left, all available.
 */
export function judgeDeployment(facts: DeploymentFacts): Progress {
  const counts = { ready: Math.min(facts.available, facts.updated), wanted: facts.desired }
  // Trusting a stale status reports success before the rollout begins.
  if (facts.observedGeneration < facts.generation) return progressing(UNOBSERVED, counts)
  if (facts.paused && isHeldUp(facts)) return paused('its rollout is paused (spec.paused)', facts.resume)
  if (facts.updated < facts.desired) return progressing(`${facts.updated}/${facts.desired} updated`, counts)
  // The available pod may still be the old one: a broken image looks exactly like this.
  if (facts.replicas > facts.updated)
    return progressing(`${countOf(facts.replicas - facts.updated, 'old pod')} still running`, counts)
  if (facts.replicas > facts.desired)
    return progressing(`${countOf(facts.replicas - facts.desired, 'pod')} still to go`, counts)
  if (facts.available < facts.desired) return progressing(`${facts.available}/${facts.desired} available`, counts)
  return ready(
    facts.desired === 0 ? 'scaled to 0' : `${facts.available}/${facts.desired}`,
    facts.paused ? 'its rollout is paused' : undefined,
  )
}

/** A paused Deployment is scaled, but no pod is made of a new template: old ones are left, or none was ever made. */
function isHeldUp({ desired, replicas, updated }: DeploymentFacts): boolean {
  return replicas > updated || (updated === 0 && desired > 0)
}

/** A change of its template, if it has one, would never become pods. */
export function isPausedMidway(object: KubeObject): boolean {
  const facts = factsOf(object)
  return facts.paused && isHeldUp(facts)
}

export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

export const assessDeployment: Assess = (entry, context) => {
  const { cache } = context
  const { name } = entry.object.metadata
  const facts = { ...factsOf(entry.object), resume: context.kubectl(['rollout', 'resume', `deployment/${name}`]) }
  const observed = isObserved(entry, statusOf(entry.object).observedGeneration)
  const sets = cache.ownedBy(entry.uid, 'ReplicaSet')
  const newest = observed ? newestOf(entry, sets) : undefined
  const current = newest === undefined ? [] : cache.ownedBy(newest.uid, 'Pod')
  const old = sets.filter(({ uid }) => uid !== newest?.uid).flatMap(({ uid }) => cache.ownedBy(uid, 'Pod'))
  const lacksPods =
    newest !== undefined && (statusOf(newest.object).replicas ?? 0) < (specOf(newest.object).replicas ?? 0)
  const creation = newest === undefined ? [] : creationSymptoms(newest, lacksPods, old.length > 0, context)
  return {
    progress: judgeDeployment(facts),
    counts: { ready: Math.min(facts.available, facts.updated), wanted: facts.desired },
    current,
    old,
    symptoms: observed ? [...creation, ...deadlineSymptoms(entry, current, creation, context)] : [],
    countsCrashes: true,
    expectedPods: facts.desired,
    settles: (specOf(entry.object).minReadySeconds ?? 0) === 0,
  }
}

function factsOf(object: KubeObject): DeploymentFacts {
  const { replicas: desired = 1, paused: isPaused = false } = specOf(object)
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas: updated = 0,
    availableReplicas: available = 0,
  } = statusOf(object)
  return {
    generation: object.metadata.generation ?? 0,
    observedGeneration,
    paused: isPaused,
    desired,
    replicas,
    updated,
    available,
  }
}

/** The controller writes the same revision on the Deployment and on the ReplicaSet that is its newest. */
function newestOf(entry: ObservedObject, sets: readonly ObservedObject[]): ObservedObject | undefined {
  const revision = entry.object.metadata.annotations?.[REVISION]
  return sets.find(({ object }) => revision !== undefined && object.metadata.annotations?.[REVISION] === revision)
}

/**
 * ProgressDeadlineExceeded (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment) makes
 * whatever holds the pods back count, and itself if nothing is known. A pull that is merely slow trips it as well: pods
 * that are still being made, without any complaint, have the whole stage's time.
 */
function deadlineSymptoms(
  entry: ObservedObject,
  current: readonly ObservedObject[],
  others: readonly Symptom[],
  context: RuleContext,
): Symptom[] {
  const condition = conditionOf(statusOf(entry.object).conditions, 'Progressing')
  if (condition?.reason !== 'ProgressDeadlineExceeded') return []
  const mark = entry.marks.get('Progressing=False:ProgressDeadlineExceeded')
  const seq = mark?.seq ?? context.cache.seq
  const began = mark?.at ?? context.at
  const known = deepest([
    ...others,
    // An init container that waits for a later moment is not late: its own limit says when it gives up.
    ...current.flatMap((pod) => podSymptoms(pod, true, context)).filter(({ code }) => code !== 'E_INIT_STUCK'),
  ])
  if (known !== undefined) return [{ ...known, dueAt: Math.min(known.dueAt, began), seq: Math.max(known.seq, seq) }]
  const { name } = entry.object.metadata
  return [
    {
      code: 'E_PROGRESS_DEADLINE',
      message: 'made no progress within its progressDeadlineSeconds',
      brief: 'its progress deadline passed',
      on: entry,
      below: [],
      hint: context.kubectl(['describe', 'deployment', name]),
      dueAt: current.some(isBeingMade) ? NEVER : began,
      seq,
    },
  ]
}

function isBeingMade({ object }: ObservedObject): boolean {
  const { phase } = statusOf(object)
  return phase === 'Pending'
}
