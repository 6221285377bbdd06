import { nameOf, type KubeObject } from '../kube.ts'
import type { Counts, Judge, Verdict, World } from '../readiness/model.ts'
import type { StageTarget } from '../stages/stages.ts'
import { behindOf, type Holdings } from './behind.ts'
import { pausedReason } from './paused.ts'
import type { WorkloadState, WorkloadStatus } from './model.ts'

export interface Observed {
  readonly judge: Judge
  readonly world: World
  readonly held: Holdings
  /** The environment's namespace. */
  readonly home: string
  /** Of the judge's clock. */
  readonly at: number
}

/** One row of `forge status`: what the judge of deploys says of a workload that is there now, and what its pods are. */
export function workloadStatus(target: StageTarget, { judge, world, held, home, at }: Observed): WorkloadStatus {
  const object = world.get(target)
  const verdict = judge.verdict(target, at)
  const wanted = object === undefined ? undefined : pausedReason(object)
  const pods = podsOf(target, { judge, world })
  const running = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return {
    object: nameOf(target),
    name: calledIn(target, home),
    state: wanted === undefined ? stateOf(verdict) : 'paused',
    counts: object === undefined ? undefined : countsOf(object, readyPods(target, judge)),
    reason: wanted ?? reasonOf(target, verdict, judge.summary(target, at)),
    image: object === undefined ? undefined : imageOf(object),
    restarts: judge.restartsOf(target),
    since: sinceOf(running) ?? object?.metadata.creationTimestamp,
    // A Job's pods have ended: what they read is past. Only what the environment's namespace holds is known.
    behind:
      target.kind === 'Job' || isAway(target, home) ? [] : [...new Set(running.flatMap((pod) => behindOf(pod, held)))],
  }
}

/** What may not be looked at is unknown, and that is not ready. */
export function uncheckedStatus(target: StageTarget, home: string, right: string): WorkloadStatus {
  return {
    object: nameOf(target),
    name: calledIn(target, home),
    state: 'progressing',
    counts: undefined,
    reason: `not checked: you may not ${right} in namespace ${target.namespace ?? home}`,
    image: undefined,
    restarts: 0,
    since: undefined,
    behind: [],
  }
}

/** `web`; in another namespace `web (edge)`. */
function calledIn(target: StageTarget, home: string): string {
  const { label, name, namespace = home } = target
  return isAway(target, home) ? `${label ?? name} (${namespace})` : (label ?? name)
}

function isAway({ namespace }: StageTarget, home: string): boolean {
  return namespace !== undefined && namespace !== home
}

function podsOf(target: StageTarget, { judge, world }: Pick<Observed, 'judge' | 'world'>): KubeObject[] {
  const place = target.namespace === undefined ? {} : { namespace: target.namespace }
  return judge.podsOf(target).flatMap(({ name }) => world.get({ apiVersion: 'v1', kind: 'Pod', name, ...place }) ?? [])
}

function stateOf({ state }: Verdict): WorkloadState {
  return state
}

/** The judge's own words, without the name and the counts that stand in columns of their own. */
function reasonOf(target: StageTarget, verdict: Verdict, summary: string): string | undefined {
  if (verdict.state === 'ready') return undefined
  if (!summary.startsWith(target.name)) return summary
  return verdict.state === 'failed' ? verdict.brief : verdict.reason
}

interface Counting {
  readonly spec?: { readonly replicas?: number; readonly completions?: number; readonly instances?: number }
  readonly status?: Readonly<Record<string, unknown>>
}

/** Of the wanted revision: a Deployment's own counts do not tell its old pods from its new ones. */
function readyPods(target: StageTarget, judge: Judge): number {
  return judge.podsOf(target).filter(({ ready, old }) => ready && !old).length
}

function countsOf(object: KubeObject, newPods: number): Counts | undefined {
  const { spec = {}, status = {} } = object as Counting
  const number = (field: string): number => Number(status[field] ?? 0)
  switch (object.kind) {
    case 'Deployment':
      return { ready: newPods, wanted: spec.replicas ?? 1 }
    case 'StatefulSet':
      return { ready: number('readyReplicas'), wanted: spec.replicas ?? 1 }
    case 'DaemonSet':
      return { ready: number('numberReady'), wanted: number('desiredNumberScheduled') }
    case 'Job':
      return { ready: number('succeeded'), wanted: spec.completions ?? 1 }
    default:
      return spec.instances === undefined ? undefined : { ready: number('readyInstances'), wanted: spec.instances }
  }
}

interface Templated {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
    readonly containers?: readonly { readonly image?: string }[]
    readonly imageName?: string
  }
}

function imageOf(object: KubeObject): string | undefined {
  const { spec } = object as Templated
  const image = (spec?.template?.spec?.containers ?? spec?.containers)?.[0]?.image ?? spec?.imageName
  return image === undefined ? undefined : lastPart(image)
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
