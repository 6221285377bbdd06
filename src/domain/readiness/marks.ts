import type { KubeObject } from '../kube.ts'
import { AGENT_INIT } from '../vault/webhook.ts'
import { isBuiltIn } from '../prediction/three-way.ts'
import { conditionOf, type Condition } from './conditions.ts'
import { containerStatusesOf, isPodReady, podStatusOf, restartsOf, statusOf, type ContainerStatus } from './shapes.ts'

/** When a state began, as the observer saw it: its clock, and its place in the order of all events. */
export interface Mark {
  readonly at: number
  readonly seq: number
}

export type Marks = ReadonlyMap<string, Mark>

/** Waiting reasons of kubelet's image manager (pkg/kubelet/images/types.go). They alternate while it retries. */
const PULL_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])

export function isPullReason(reason: string | undefined): boolean {
  return reason !== undefined && PULL_REASONS.has(reason)
}

/** Vault's agent has begun, and has not got all that it is to write before the pod starts. */
export const AGENT_BUSY = 'vault-agent'

/** A state that lasts keeps its mark; one that ended loses it, so that its return counts anew. */
export function marksOf(object: KubeObject, before: Marks | undefined, now: Mark): Marks {
  const names = object.kind === 'Pod' ? podStates(object, before) : workloadStates(object)
  return new Map(names.map((name) => [name, before?.get(name) ?? now]))
}

function podStates(pod: KubeObject, before: Marks | undefined): string[] {
  const names: string[] = []
  const { conditions, startTime } = podStatusOf(pod)
  if (startTime !== undefined) names.push('taken-on')
  // A restart between two looks is a new run, even if both looks found the pod ready.
  if (isPodReady(pod)) names.push('ready', readyRun(pod))
  if (isUnsteady(pod, before)) names.push('unsteady')
  if (conditionOf(conditions, 'PodScheduled')?.reason === 'Unschedulable') names.push('unschedulable')
  return [...names, ...containerStatusesOf(pod).flatMap(containerStates)]
}

function containerStates(status: ContainerStatus): string[] {
  const { name, state } = status
  const names: string[] = []
  const reason = state?.waiting?.reason
  if (reason !== undefined) names.push(`waiting:${name}:${reason}`)
  if (isPullReason(reason)) names.push(`pull:${name}`)
  if (name === AGENT_INIT && isBusy(status)) names.push(AGENT_BUSY)
  if (state?.terminated !== undefined) names.push(`ended:${name}`)
  return names
}

/** It has begun, and has not ended well. */
function isBusy({ state, lastState }: ContainerStatus): boolean {
  const began = state?.running ?? state?.terminated ?? lastState?.terminated
  return began !== undefined && state?.terminated?.exitCode !== 0
}

/** The mark of a pod that has been Ready in the run that it is in. */
export function readyRun(pod: KubeObject): string {
  return `ready@${restartsOf(pod)}`
}

/** For good: a pod whose readiness comes and goes looks well half of the time. */
function isUnsteady(pod: KubeObject, before: Marks | undefined): boolean {
  return before?.has('unsteady') === true || (before?.has('ready') === true && !isPodReady(pod))
}

function workloadStates(object: KubeObject): string[] {
  const { conditions = [], phase } = statusOf(object)
  const states = conditions.flatMap((condition) => [bareMark(condition), conditionMark(condition)])
  // Of other people's kinds it is kept since when they have this spec, and since when their status says what it says.
  const spec = isBuiltIn(object) ? [] : [generationMark(object), statusMark(object)]
  return [...states, ...(phase === undefined ? [] : [`phase=${phase}`]), ...spec]
}

function bareMark({ type, status, reason = '' }: Condition): string {
  return `${type}=${status}:${reason}`
}

/** What is said anew of a newer spec has begun anew. */
export function conditionMark(condition: Condition): string {
  const { observedGeneration } = condition
  return observedGeneration === undefined ? bareMark(condition) : `${bareMark(condition)}@${observedGeneration}`
}

export function generationMark({ metadata: { generation = 0 } }: KubeObject): string {
  return `generation=${generation}`
}

export function statusMark(object: KubeObject): string {
  return `status=${JSON.stringify(object['status'])}`
}
