import type { Stage } from '../config/model.ts'
import type { Component } from '../config/component.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { StageRules } from '../readiness/model.ts'
import { select } from '../stages/stages.ts'
import { isFlux } from './way.ts'

export interface PausedRelease {
  readonly name: string
  readonly needs: readonly string[]
  /** What helm has installed, hooks aside. */
  readonly objects: readonly KubeObject[]
}

/** What goes down and comes up together. */
export interface Tier {
  readonly name: string
  readonly timeoutMs: number
  readonly rules?: StageRules
  /** A stage of forge.yaml; false: what no stage names. */
  readonly isStage: boolean
  readonly objects: readonly KubeObject[]
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000

/**
 * The order in which a stack comes up: a release after those that it needs, in each the stages in their order, and last what no
 * stage names. It goes down the other way round. `owners`: Flux objects, which act on the rest: they rest first and are woken last.
 */
export function tiersOf(
  releases: readonly PausedRelease[],
  stages: readonly Stage[],
  owners: readonly KubeObject[],
  limitMs: number | undefined,
): Tier[] {
  const levels = levelsOf(releases)
  const placed = releases.flatMap(({ name, objects }) =>
    objects.map((object) => ({ object, level: levels.get(name) ?? 0, stage: stageOf(object, stages) })),
  )
  const flux = unique([...owners, ...placed.map(({ object }) => object).filter(isFlux)])
  const known = new Set(flux.map(keyOf))
  const own = placed.filter(({ object }) => !known.has(keyOf(object)))
  const groups = [...Map.groupBy(own, ({ level, stage }) => `${level}/${stage}`).values()].toSorted(
    ([one], [other]) => (one?.level ?? 0) - (other?.level ?? 0) || (one?.stage ?? 0) - (other?.stage ?? 0),
  )
  const last = stages.at(-1)
  const tiers = groups.map((group): Tier => {
    const stage = stages[group[0]?.stage ?? stages.length]
    const { rules } = stage ?? last ?? {}
    return {
      name: stage?.name ?? (stages.length === 0 ? 'workloads' : 'others'),
      timeoutMs: limitMs ?? (stage ?? last)?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(rules === undefined ? {} : { rules }),
      isStage: stage !== undefined,
      objects: unique(group.map(({ object }) => object)),
    }
  })
  const gitops: Tier = { name: 'gitops', timeoutMs: limitMs ?? DEFAULT_TIMEOUT_MS, isStage: false, objects: flux }
  return flux.length === 0 ? tiers : [...tiers, gitops]
}

/** The length of the longest way down to a release that needs none. */
function levelsOf(releases: readonly PausedRelease[]): Map<string, number> {
  const levels = new Map<string, number>()
  const levelOf = (name: string, above: readonly string[]): number => {
    const known = levels.get(name)
    if (known !== undefined || above.includes(name)) return known ?? 0
    const needs = releases.find((one) => one.name === name)?.needs ?? []
    const level = Math.max(-1, ...needs.map((needed) => levelOf(needed, [...above, name]))) + 1
    levels.set(name, level)
    return level
  }
  for (const { name } of releases) levelOf(name, [])
  return levels
}

function stageOf(object: KubeObject, stages: readonly Stage[]): number {
  const found = stages.findIndex(({ wait, optional }) =>
    [...wait, ...optional].some((name) => select(name, [object]).length > 0),
  )
  return found === -1 ? stages.length : found
}

function unique(objects: readonly KubeObject[]): KubeObject[] {
  return [...new Map(objects.map((object) => [keyOf(object), object])).values()]
}

/** What people may call an object: its component's name first, else its label, else its own name. */
export function callNames(object: KubeObject, components: readonly Component[]): readonly string[] {
  const { labels, name } = object.metadata
  return [
    ...components.filter(({ target }) => select(target, [object]).length > 0).map((one) => one.name),
    ...[labels?.['app.kubernetes.io/component'], labels?.['app.kubernetes.io/name'], name].filter(
      (one) => one !== undefined,
    ),
  ]
}

/** The objects that a name means: of a component of forge.yaml, else of the label component, else name, else their own name. */
export function objectsCalled(
  wanted: string,
  objects: readonly KubeObject[],
  components: readonly Component[],
): readonly KubeObject[] {
  const component = components.find(({ name }) => name === wanted)
  if (component !== undefined) return select(component.target, objects)
  for (const label of ['app.kubernetes.io/component', 'app.kubernetes.io/name']) {
    const found = objects.filter(({ metadata }) => metadata.labels?.[label] === wanted)
    if (found.length > 0) return found
  }
  return objects.filter(({ metadata }) => metadata.name === wanted)
}
