import { showValuePath } from '../../domain/config/value-path.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { alike, inEmptyMaps, switches } from '../../domain/migrate/values-alike.ts'
import { candidatesOf, type Candidate, type Change, type Scene } from '../../domain/migrate/values-candidates.ts'
import { emptyIn, probesOf, scalarsFor, tracesOf, type Probe, type Trace } from '../../domain/migrate/values-probe.ts'
import { faultsIn } from '../../domain/migrate/values-faults.ts'
import { differencesOf, idOf, isNearer, weightOf, type Difference } from '../../domain/migrate/values-target.ts'
import { merged, withValue } from '../../domain/migrate/values-tree.ts'
import type { Json, JsonMap } from '../../domain/values/model.ts'

/** What a chart makes of values; `refused`: it makes nothing of them, and its schema names these. */
export type Rendered = { readonly objects: readonly KubeObject[] } | { readonly refused: readonly string[] }

/** A chart whose values are looked for. */
export interface Search extends Pick<Scene, 'targets'> {
  /** All values that the templates see. */
  readonly effective: JsonMap
  /** The chart with values over those of the project. */
  readonly render: (more: JsonMap) => Promise<Rendered>
  /** No secret may be written into a file. */
  readonly isAllowed: (change: Change) => boolean
  readonly tell: (renders: number, open: number) => void
}

/** How near the search has come. */
export interface FoundValues {
  /** What is to be written. */
  readonly tree: JsonMap
  readonly changes: readonly Change[]
  readonly rendered: readonly KubeObject[]
  /** What differs with them, and how many fields did without. */
  readonly differences: readonly Difference[]
  readonly before: number
  readonly renders: number
  /** Differences that only a secret could take away. */
  readonly withheld: ReadonlySet<string>
}

/** A render takes about as long as `helm template`. */
const MOST_RENDERS = 120
const ROUNDS = 3

/**
 * The values with which a chart renders what is live, as near as it can. What is behind a field is found by putting something
 * that nothing else renders in the place of values; what that finds is tried, and kept only where the render is nearer then.
 */
export async function searchValues(search: Search): Promise<FoundValues> {
  const first = await search.render({})
  const objects = 'objects' in first ? first.objects : []
  const differences = differencesOf(objects, search.targets)
  const run = new Run(search)
  let found: State = { tree: {}, changes: [], rendered: objects, differences }
  for (let round = 0; round < ROUNDS && found.differences.length > 0; round += 1) {
    const traces = await run.probe(found)
    const known = new Set(traces.map(({ probe }) => showValuePath(probe.path)))
    found = await run.improve(found, candidatesOf(traces, run.scene(found)))
    found = await run.improve(found, alike(found.rendered, run.scene(found), known))
    const settled = found
    for (const one of found.differences) found = await run.narrow(found, inEmptyMaps(one, run.scene(found)))
    for (const one of switches(run.scene(found))) found = await run.improve(found, [one])
    // What is rendered only now has values of its own.
    if (found === settled) break
  }
  return { ...found, before: changedBy(differences), renders: run.renders, withheld: run.withheld }
}

/** How many fields the first revision changes. */
export function changedBy(differences: readonly Difference[]): number {
  return differences.filter(({ stays }) => !stays).length
}

type State = Pick<FoundValues, 'tree' | 'changes' | 'rendered' | 'differences'>

class Run {
  readonly #search: Search
  readonly #tried = new Set<string>()
  /** Values that take no probe of the shape that is asked for. */
  #dead = new Set<string>()
  readonly withheld = new Set<string>()
  renders = 1

  constructor(search: Search) {
    this.#search = search
  }

  scene({ tree, differences }: State): Scene {
    const { effective, targets } = this.#search
    return { differences, targets, effective: merged(effective, tree) }
  }

  /** Several values at once, and those that did not come out, or are in each other's way, by themselves. */
  async probe(state: State): Promise<Trace[]> {
    const { differences, effective } = this.scene(state)
    const text = JSON.stringify(state.rendered)
    const { maps, lists } = emptyIn(effective)
    let from = 0
    const ask = async (paths: readonly Probe['path'][], shape: Probe['shape']): Promise<Trace[]> => {
      const probes = probesOf(paths, shape, effective, { from, text })
      from += probes.length
      this.#dead = new Set()
      const traces = await this.#traced(state, probes)
      const seen = new Set(traces.map(({ probe }) => probe))
      const unseen = probes.filter((one) => !seen.has(one) && !this.#dead.has(showValuePath(one.path)))
      const again = seen.size === 0 || unseen.length === 0 ? [] : await this.#traced(state, unseen)
      return [...traces, ...again]
    }
    return [
      ...(await ask(scalarsFor(effective, differences), 'scalar')),
      ...(await ask(maps, 'map')),
      ...(await ask(lists, 'named')),
      ...(await ask(lists, 'texts')),
    ]
  }

  async #traced(state: State, probes: readonly Probe[]): Promise<Trace[]> {
    if (probes.length === 0) return []
    const { effective } = this.scene(state)
    const tree = probes.reduce((found, { path, value }) => withValue(found, effective, path, value), state.tree)
    const rendered = await this.#render(tree, state)
    if ('objects' in rendered) return tracesOf(probes, rendered.objects, state.rendered)
    // A map is refused for what is in it.
    const refused = rendered.refused.filter((one) => !rendered.refused.some((other) => isBelow(other, one)))
    const left = probes.filter(({ path }) => !refused.some((one) => meets(showValuePath(path), one)))
    if (left.length < probes.length) {
      for (const { path } of probes) if (!left.some((one) => one.path === path)) this.#dead.add(showValuePath(path))
      return await this.#traced(state, left)
    }
    if (probes.length === 1) {
      this.#dead.add(showValuePath(probes[0]?.path ?? []))
      return []
    }
    const middle = Math.ceil(probes.length / 2)
    const halves = [probes.slice(0, middle), probes.slice(middle)]
    return [...(await this.#traced(state, halves[0] ?? [])), ...(await this.#traced(state, halves[1] ?? []))]
  }

  /** With as many of the candidates as bring the render nearer; of those for one value the first that does. */
  async improve(state: State, candidates: readonly Candidate[]): Promise<State> {
    const open = new Set(state.differences.map(idOf))
    const fit = this.#untried(candidates).filter(({ claims }) => claims.some((claim) => open.has(claim)))
    const [now, later] = apart(fit)
    if (now.length === 0) return state
    const next = await this.#improveBy(state, now)
    return later.length === 0 ? next : await this.improve(next, later)
  }

  async #improveBy(state: State, candidates: readonly Candidate[]): Promise<State> {
    const next = await this.#tryOut(state, candidates)
    if (next !== undefined) return await this.#pruned(state, next, candidates)
    if (candidates.length <= 1) return state
    const middle = Math.ceil(candidates.length / 2)
    const half = await this.#improveBy(state, candidates.slice(0, middle))
    return await this.#improveBy(half, candidates.slice(middle))
  }

  /** The one of many that brings the render nearer. */
  async narrow(state: State, candidates: readonly Candidate[]): Promise<State> {
    const fit = this.#untried(candidates)
    let next = fit.length === 0 ? undefined : await this.#tryOut(state, fit)
    if (next === undefined) return state
    for (let left = fit; left.length > 1;) {
      const middle = Math.ceil(left.length / 2)
      const half = await this.#tryOut(state, left.slice(0, middle))
      left = half === undefined ? left.slice(middle) : left.slice(0, middle)
      next = half ?? (await this.#tryOut(state, left)) ?? next
    }
    return next
  }

  /** What took away nothing of what it was for is not written. */
  async #pruned(state: State, next: State, candidates: readonly Candidate[]): Promise<State> {
    const open = new Set(next.differences.map(idOf))
    const needed = candidates.filter(({ claims }) => claims.some((claim) => !open.has(claim)))
    if (needed.length === candidates.length) return next
    const less = await this.#tryOut(state, needed)
    return less !== undefined && weightOf(less.differences) <= weightOf(next.differences) ? less : next
  }

  async #tryOut(state: State, candidates: readonly Candidate[]): Promise<State | undefined> {
    const { effective } = this.scene(state)
    const changes = candidates.flatMap((one) => one.changes)
    const tree = changes.reduce((found, { path, value }) => withValue(found, effective, path, value), state.tree)
    const found = await this.#render(tree, state)
    if (!('objects' in found)) return undefined
    const differences = differencesOf(found.objects, this.#search.targets)
    if (!isNearer(differences, state.differences)) return undefined
    if (faultsIn(found.objects) > faultsIn(state.rendered)) return undefined
    return { tree, changes: [...state.changes, ...changes], rendered: found.objects, differences }
  }

  async #render(tree: JsonMap, { differences }: State): Promise<Rendered> {
    if (this.renders >= MOST_RENDERS) return { refused: [] }
    this.renders += 1
    this.#search.tell(this.renders, differences.length)
    return await this.#search.render(tree)
  }

  #untried(candidates: readonly Candidate[]): Candidate[] {
    return candidates.flatMap((one) => {
      const changes = one.changes.flatMap((change) => this.#allowed(change) ?? [])
      // Of what only looks like it nobody says that it is behind the field.
      const isWhole = changes.every(({ value }, at) => value === one.changes[at]?.value)
      if ((changes.length < one.changes.length && one.isSeen) || !isWhole)
        for (const claim of one.claims) this.withheld.add(claim)
      if (changes.length < one.changes.length) return []
      const id = JSON.stringify(changes.map(({ path, value }) => [path, value]))
      if (this.#tried.has(id)) return []
      this.#tried.add(id)
      return [{ ...one, changes }]
    })
  }

  /** Without the items of a list that may be secrets. */
  #allowed(change: Change): Change | undefined {
    const { isAllowed } = this.#search
    if (isAllowed(change)) return change
    if (!Array.isArray(change.value)) return undefined
    const value = (change.value as readonly Json[]).filter((item) => isAllowed({ ...change, value: item }))
    return value.length === 0 ? undefined : { ...change, value }
  }
}

/** Those that write different values, and the others. */
function apart(candidates: readonly Candidate[]): readonly [Candidate[], Candidate[]] {
  const taken: string[] = []
  const [now, later]: [Candidate[], Candidate[]] = [[], []]
  for (const one of candidates) {
    const paths = one.changes.map(({ path }) => showValuePath(path))
    const isFree = !paths.some((path) => taken.some((other) => meets(path, other)))
    if (isFree) taken.push(...paths)
    ;(isFree ? now : later).push(one)
  }
  return [now, later]
}

/** One is the other, or within it. */
function meets(path: string, other: string): boolean {
  return path === other || isBelow(path, other) || isBelow(other, path)
}

function isBelow(path: string, above: string): boolean {
  return ['.', '['].some((end) => path.startsWith(`${above}${end}`))
}
