import type { Component } from '../config/component.ts'
import { keyOf, nameOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { specOf, statusOf } from '../readiness/shapes.ts'
import { isRunning } from '../plan/jobs.ts'
import { memoryOf } from './memory.ts'
import { callNames, type Tier } from './tiers.ts'
import { isFlux, replicasOf, rests, wayOf, type PauseWay } from './way.ts'

export interface PauseStep {
  readonly ref: ObjectRef
  /** As it is now. */
  readonly live: KubeObject
  readonly way: PauseWay
  /** As people call it. */
  readonly name: string
  /** Pods; of what is suspended or hibernated: undefined. */
  readonly from?: number
  readonly to?: number
  /** It was brought to rest before, and only has to be waited for. */
  readonly isWritten: boolean
  /** What a person has to know of it: somebody changed it meanwhile. */
  readonly note?: string
}

export interface PlannedTier extends Omit<Tier, 'objects'> {
  readonly steps: readonly PauseStep[]
}

export interface PausePlan {
  /** In the order in which they are carried out. */
  readonly tiers: readonly PlannedTier[]
  /** What goes on as it is, and why. */
  readonly left: readonly { readonly object: string; readonly because: string }[]
  /** Jobs that are not to be cut off. */
  readonly running: readonly KubeObject[]
  /** What stays up although a stage that it comes after goes down; or stays down and is needed by what comes up. */
  readonly dependents: readonly string[]
}

export interface PauseFacts {
  /** In the order in which they come up. */
  readonly tiers: readonly Tier[]
  /** By keyOf. */
  readonly live: ReadonlyMap<string, KubeObject>
  readonly components: readonly Component[]
  /** Keys of what was chosen; undefined: all. */
  readonly chosen: ReadonlySet<string> | undefined
  /** The least that an autoscaler keeps of it, by key. */
  readonly least: ReadonlyMap<string, number>
}

/** Everything to rest, in the reverse of the order in which it comes up. */
export function planPause({ tiers, live, components, chosen }: PauseFacts): PausePlan {
  const isChosen = choice(chosen)
  const all = tiers.flatMap(({ objects }) => objects).flatMap((object) => live.get(keyOf(object)) ?? [])
  const chosenLive = all.filter(isChosen)
  const planned = tiers.toReversed().map(({ objects, ...tier }): PlannedTier => ({
    ...tier,
    steps: objects.filter(isChosen).flatMap((object) => {
      const found = live.get(keyOf(object))
      return found === undefined ? [] : (pauseStep(found, components) ?? [])
    }),
  }))
  return {
    tiers: planned.filter(({ steps }) => steps.length > 0),
    left: [...chosenLive.flatMap(leftRunning), ...missing(tiers, live, isChosen)],
    running: chosenLive.filter((object) => object.kind === 'Job' && isRunning(object)),
    dependents: dependentsOf(tiers, (object) => {
      const found = live.get(keyOf(object))
      return found === undefined || wayOf(found) === undefined || isFlux(found)
        ? 'none'
        : isChosen(found) || rests(found)
          ? 'down'
          : 'up'
    }),
  }
}

/** What was at rest before stays as it is: nothing is remembered of it, and nothing woken. */
function pauseStep(live: KubeObject, components: readonly Component[]): PauseStep | undefined {
  const way = wayOf(live)
  const memory = memoryOf(live)
  const resting = rests(live)
  if (way === undefined || (memory === undefined && resting)) return undefined
  const count = way === 'scale' ? { from: memory?.replicas ?? replicasOf(live), to: 0 } : {}
  const changed =
    memory === undefined || resting
      ? undefined
      : way !== 'scale'
        ? 'woken by somebody since it was paused'
        : replicasOf(live) === memory.replicas
          ? undefined
          : `scaled to ${replicasOf(live)} by somebody since it was paused`
  return {
    ...named(live, components),
    way,
    ...count,
    isWritten: memory !== undefined && resting,
    ...(changed === undefined ? {} : { note: changed }),
  }
}

/** Everything that a pause brought to rest, in the order of the stages. */
export function planResume({ tiers, live, components, chosen, least }: PauseFacts): PausePlan {
  const isChosen = choice(chosen)
  const isHeld = (object: KubeObject): boolean => {
    const found = live.get(keyOf(object))
    return found !== undefined && memoryOf(found) !== undefined
  }
  const staying = tiers
    .flatMap(({ objects }) => objects)
    .filter((object) => !isFlux(object) && isHeld(object) && !isChosen(object))
  const planned = tiers.map(({ objects, ...tier }): PlannedTier => ({
    ...tier,
    steps: objects
      .filter((object) => isHeld(object) && isChosen(object))
      // What it owns is to go on resting.
      .filter((object) => !isFlux(object) || staying.length === 0)
      .flatMap((object) => resumeStep(live.get(keyOf(object)), components, least) ?? []),
  }))
  return {
    tiers: planned.filter(({ steps }) => steps.length > 0),
    left: missing(tiers, live, isChosen),
    running: [],
    dependents: dependentsOf(tiers, (object) =>
      !isHeld(object) || isFlux(object) ? 'none' : isChosen(object) ? 'up' : 'down',
    ),
  }
}

function resumeStep(
  live: KubeObject | undefined,
  components: readonly Component[],
  least: ReadonlyMap<string, number>,
): PauseStep | undefined {
  const [way, memory] = live === undefined ? [] : [wayOf(live), memoryOf(live)]
  if (live === undefined || way === undefined || memory === undefined) return undefined
  const resting = rests(live)
  const base = { ...named(live, components), way, isWritten: !resting }
  if (way !== 'scale') return { ...base, ...(resting ? {} : { note: 'woken by somebody since it was paused' }) }
  const now = replicasOf(live)
  const wanted = Math.max(memory.replicas ?? 1, least.get(keyOf(live)) ?? 0)
  // A count that somebody set meanwhile is theirs.
  const note = resting || now === wanted ? {} : { note: `stays at ${now}, as somebody scaled it; it had ${wanted}` }
  return { ...base, from: now, to: resting ? wanted : now, ...note }
}

function named(live: KubeObject, components: readonly Component[]): Pick<PauseStep, 'ref' | 'live' | 'name'> {
  const component = components.find(({ name }) => callNames(live, components)[0] === name)
  return { ref: refOf(live), live, name: component?.name ?? live.metadata.name }
}

function choice(chosen: ReadonlySet<string> | undefined): (object: KubeObject) => boolean {
  return (object) => chosen === undefined || isFlux(object) || chosen.has(keyOf(object))
}

function leftRunning(object: KubeObject): PausePlan['left'] {
  const left = (because: string): PausePlan['left'] => [{ object: nameOf(object), because }]
  if (object.kind === 'DaemonSet') return left('a DaemonSet has no count: one pod runs on each node')
  if (object.kind === 'Pod') return left('a pod of its own cannot be brought back')
  if (object.kind === 'Job' || wayOf(object) !== undefined) return []
  const { replicas } = specOf(object) as { readonly replicas?: number }
  return replicas === undefined ? [] : left(`forge knows no way to pause a ${object.kind}`)
}

/** It was rendered, and somebody deleted it. */
function missing(
  tiers: readonly Tier[],
  live: ReadonlyMap<string, KubeObject>,
  isChosen: (object: KubeObject) => boolean,
): PausePlan['left'] {
  return tiers
    .flatMap(({ objects }) => objects)
    .filter((object) => isChosen(object) && wayOf(object) !== undefined && !live.has(keyOf(object)))
    .map((object) => ({ object: nameOf(object), because: 'somebody has deleted it' }))
}

/** By the stages: what is up after something that is down. What no stage names comes last, and is known to need nothing. */
function dependentsOf(tiers: readonly Tier[], standing: (object: KubeObject) => 'up' | 'down' | 'none'): string[] {
  const found: string[] = []
  let needed: string | undefined
  for (const { objects, isStage } of tiers) {
    if (isStage && needed !== undefined)
      for (const object of objects) if (standing(object) === 'up') found.push(`${nameOf(object)} comes after ${needed}`)
    needed ??= objects.filter((object) => isStage && standing(object) === 'down').map(nameOf)[0]
  }
  return found
}

/** Jobs that a CronJob has begun. */
export function activeJobs(object: KubeObject): readonly string[] {
  const { active = [] } = statusOf(object) as { readonly active?: readonly { readonly name?: string }[] | number }
  return object.kind === 'CronJob' && Array.isArray(active)
    ? (active as readonly { readonly name?: string }[]).flatMap(({ name }) => name ?? [])
    : []
}
