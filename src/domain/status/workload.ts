import { calledAt, nameOf, type KubeObject } from '../kube.ts'
import { isMap } from '../config/path.ts'
import { claimsOf } from '../evidence/pods.ts'
import { isLeaving, leavingText } from '../leaving.ts'
import type { Counts, Judge, Verdict, ObjectCache, WorkloadStanding } from '../readiness/model.ts'
import { podSpecOf, specOf, statusOf, templateOf } from '../readiness/shapes.ts'
import type { StageTarget } from '../stages/stages.ts'
import { behindOf, type Holdings } from './behind.ts'
import { memoryOf } from '../pause/memory.ts'
import { pausedReason } from './paused.ts'
import type { WorkloadState, WorkloadStatus } from './model.ts'

export interface Observed {
  readonly judge: Judge
  readonly cache: ObjectCache
  readonly held: Holdings
  /** The environment's namespace. */
  readonly home: string
  /** Of the judge's clock. */
  readonly at: number
  /** The words for a workload of which old pods serve on (src/screen/stage.ts). */
  readonly told: (standing: WorkloadStanding) => string
}

/** One row of `forge status`: what the judge of deploys says of a workload that is there now, and what its pods are. */
export function workloadStatus(target: StageTarget, { judge, cache, held, home, at, told }: Observed): WorkloadStatus {
  const object = cache.get(target)
  const verdict = judge.verdict(target, at)
  const wanted = object === undefined ? undefined : pausedReason(object)
  const pods = podsOf(target, { judge, cache })
  const losing = pods.flatMap((pod) => leavingClaims(pod, cache))[0]
  const other = wanted ?? losing
  const running = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return {
    object: nameOf(target),
    name: calledAt(target.label ?? target.name, target.namespace, home),
    ...(target.component === undefined ? {} : { component: target.component }),
    state: wanted === undefined ? stateOf(verdict, losing) : 'paused',
    ...restedOf(object),
    counts: object === undefined ? undefined : countsOf(object, readyPods(target, judge)),
    ...(other === undefined ? whyNot(target, verdict, { judge, at, told }) : { reason: other }),
    remark: wanted === undefined && verdict.state === 'ready' ? verdict.remark : undefined,
    image: object === undefined ? undefined : imageOf(object, running),
    restarts: judge.restartsOf(target),
    since: sinceOf(running) ?? object?.metadata.creationTimestamp,
    // A Job's pods have ended: what they read is past. Only what the environment's namespace holds is known.
    behind:
      target.kind === 'Job' || isAway(target, home) ? [] : [...new Set(running.flatMap((pod) => behindOf(pod, held)))],
  }
}

function restedOf(object: KubeObject | undefined): Pick<WorkloadStatus, 'rested'> {
  const memory = object === undefined ? undefined : memoryOf(object)
  if (memory === undefined) return {}
  const { since, by, deploy } = memory
  return { rested: { since, by, deploy } }
}

/** What may not be looked at is unknown, and that is not ready. */
export function uncheckedStatus(target: StageTarget, home: string, right: string): WorkloadStatus {
  return {
    object: nameOf(target),
    name: calledAt(target.label ?? target.name, target.namespace, home),
    ...(target.component === undefined ? {} : { component: target.component }),
    state: 'progressing',
    counts: undefined,
    reason: `not checked: you may not ${right} in namespace ${target.namespace ?? home}`,
    image: undefined,
    restarts: 0,
    since: undefined,
    remark: undefined,
    behind: [],
  }
}

function isAway({ namespace }: StageTarget, home: string): boolean {
  return namespace !== undefined && namespace !== home
}

function podsOf(target: StageTarget, { judge, cache }: Pick<Observed, 'judge' | 'cache'>): KubeObject[] {
  const within = target.namespace === undefined ? {} : { namespace: target.namespace }
  return judge.podsOf(target).flatMap(({ name }) => cache.get({ apiVersion: 'v1', kind: 'Pod', name, ...within }) ?? [])
}

/** A pod keeps its claim for as long as it runs: nothing looks wrong until the data is gone. */
function leavingClaims(pod: KubeObject, cache: ObjectCache): string[] {
  const within = pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }
  return claimsOf(pod)
    .flatMap((name) => cache.get({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, ...within }) ?? [])
    .filter(isLeaving)
    .map((claim) => `${nameOf(claim)} ${leavingText(claim)}: its data goes with the last pod that uses it`)
}

function stateOf({ state }: Verdict, losing: string | undefined): WorkloadState {
  return state === 'ready' && losing !== undefined ? 'progressing' : state
}

/** Without the name and the counts that stand in columns of their own; where old pods serve on, with the counts of both. */
function whyNot(
  target: StageTarget,
  verdict: Verdict,
  { judge, at, told }: Pick<Observed, 'judge' | 'at' | 'told'>,
): Pick<WorkloadStatus, 'reason' | 'servesOn'> {
  if (verdict.state === 'ready') return { reason: undefined }
  const standing = judge.standing(target, at)
  if (standing.serving !== undefined) return { reason: told(standing), servesOn: true }
  return { reason: verdict.state === 'failed' ? verdict.brief : verdict.reason }
}

/** Of the wanted revision: a Deployment's own counts do not tell its old pods from its new ones. */
function readyPods(target: StageTarget, judge: Judge): number {
  return judge.podsOf(target).filter(({ ready, old }) => ready && !old).length
}

function countsOf(object: KubeObject, newPods: number): Counts | undefined {
  const { replicas = 1, completions = 1, instances } = specOf(object)
  const status = statusOf(object)
  switch (object.kind) {
    case 'Deployment':
      return { ready: newPods, wanted: replicas }
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
      return { ready: status.readyReplicas ?? 0, wanted: replicas }
    case 'DaemonSet':
      return { ready: status.numberReady ?? 0, wanted: status.desiredNumberScheduled ?? 0 }
    case 'Job':
      return { ready: status.succeeded ?? 0, wanted: completions }
    default:
      return instances === undefined ? undefined : { ready: status.readyInstances ?? 0, wanted: instances }
  }
}

/** Of the pods, for they may run something else than the template says; that of most of them first. */
function imageOf(object: KubeObject, pods: readonly KubeObject[]): string | undefined {
  const spec = isMap(object['spec']) ? object['spec'] : {}
  const [first] = templateOf(object).containers ?? podSpecOf(object).containers ?? []
  const stated = first?.image ?? spec['imageName']
  // Others put containers of their own before it.
  const images = pods.flatMap((pod) => {
    const { containers = [] } = podSpecOf(pod)
    const image = (containers.find(({ name }) => name === first?.name) ?? containers[0])?.image
    return image === undefined ? [] : [lastPart(image)]
  })
  const counts = [...Map.groupBy(images, (image) => image)].sort(([, some], [, others]) => others.length - some.length)
  if (counts.length > 0) return counts.map(([image]) => image).join(', ')
  return typeof stated === 'string' ? lastPart(stated) : undefined
}

/** `ghcr.io/acme/api-forge-app@sha256:1f3c9a2e…` → `api-forge-app@1f3c9a2e`; `postgres:17` stays. */
function lastPart(image: string): string {
  const [name = '', digest] = image.slice(image.lastIndexOf('/') + 1).split('@sha256:', 2)
  return digest === undefined ? name : `${name}@${digest.slice(0, 8)}`
}

function sinceOf(pods: readonly KubeObject[]): string | undefined {
  const times = pods.flatMap(({ metadata }) => metadata.creationTimestamp ?? []).sort()
  return times.at(-1)
}
