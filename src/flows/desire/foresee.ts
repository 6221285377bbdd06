import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { vanishes } from '../../domain/manifest/hooks.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { comingOf, type Coming } from '../../domain/plan/coming.ts'
import { isSame, notByChance } from '../../domain/plan/foreseen.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { differing, placeOf, settled } from '../../domain/plan/volatile.ts'
import { hooksOf } from './hooks.ts'
import { stamped } from './stamped.ts'
import type { RenderedRelease, Rendering } from '../phases/desired.ts'
import type { Manner } from './render.ts'

/** What is looked up may itself hold what was looked up elsewhere, and so on. */
const MOST_TURNS = 4

type Context = Pick<Rendering, 'charts' | 'secretPlans' | 'warnings'> & Pick<Manner, 'freezes'>

/** One render, with those of the coming objects that it has looked up. */
export interface Turn {
  readonly manifest: string
  readonly rendered: readonly Rendered[]
  readonly asked: readonly KubeObject[]
}

/** Renders a release as if these objects were there already. Undefined: it cannot be rendered so. */
export type RenderTurn = (work: RenderedRelease, coming: readonly Coming[]) => Promise<Turn | undefined>

/** Secrets of forge.yaml are written before helm renders: its lookups find them as they will be. */
export function comingSecrets({ secretPlans }: Pick<Context, 'secretPlans'>): Coming[] {
  return secretPlans.flatMap(({ object }) => (object === undefined ? [] : [{ object, sent: object }]))
}

/**
 * A chart that looks up what this very deploy writes renders otherwise a moment later: where it makes up a password, a checksum
 * is that of another one, and the next deploy would restart pods for nothing. So it is rendered once more as it will find
 * the cluster then, and that is written, if it might have come out in the first place. Where nothing changes that can be
 * looked up, nothing is rendered.
 */
export async function foresee(
  rendering: Rendering,
  { freezes, given }: Pick<Manner, 'freezes' | 'given'>,
  render: RenderTurn,
): Promise<Rendering> {
  const context = { ...rendering, freezes }
  const secrets = comingSecrets(context)
  const before = [...secrets]
  const releases: RenderedRelease[] = []
  for (const first of context.releases) {
    const { looksUp } = await context.charts.traits(first.release.chart, first.values)
    let work = first
    if (looksUp && given.get(first.release.name) === undefined) {
      // Releases before this one have written theirs when helm comes to it.
      if (before.length > secrets.length) work = taking(work, await render(work, before), context)
      work = await foreseeOwn(work, before, render, context)
    }
    const own = ownOf(work, work.rendered)
    before.push(...own.filter(({ object }) => !isHidden(object, work, context)))
    releases.push(work)
  }
  return { ...rendering, releases }
}

async function foreseeOwn(
  work: RenderedRelease,
  before: readonly Coming[],
  render: RenderTurn,
  context: Context,
): Promise<RenderedRelease> {
  const own = ownOf(work, work.rendered)
  if (own.length === 0) return work
  const next = await render(work, [...before, ...own])
  const asked = next === undefined ? [] : ownAsked(next, work.rendered)
  if (next === undefined || asked.length === 0) return work
  const compared = comparedBy(context)
  const changed = differences(compared(work.rendered), compared(next.rendered))
  if (changed.length === 0) return work
  const asItIs = async (changing: readonly Rendered[]): Promise<RenderedRelease> => {
    await warn(changing, work, context)
    return work
  }
  if (asked.some((object) => isHidden(object, work, context))) return await asItIs(changed)
  // Side by side: what the first render left to chance, and what the others still do.
  const [again, last] = await Promise.all([render(work, before), lastTurn(work, before, next, render, context)])
  if (again === undefined || last === undefined) return await asItIs(changed)
  const odd = notByChance(compared(work.rendered), compared(again.rendered), compared(last.turn.rendered))
  if (odd.length > 0) return await asItIs(odd)
  const taken = taking(work, last.turn, context)
  await warn(last.open, taken, context)
  return taken
}

/**
 * Rendered again until it finds what it makes. `open`: what differs even then; it is left to chance, or rests on what nobody
 * knows before the API server has made the object.
 */
async function lastTurn(
  work: RenderedRelease,
  before: readonly Coming[],
  first: Turn,
  render: RenderTurn,
  context: Context,
): Promise<{ readonly turn: Turn; readonly open: readonly Rendered[] } | undefined> {
  const compared = comparedBy(context)
  let turn = first
  for (let count = 1; count < MOST_TURNS; count += 1) {
    const next = await render(work, [...before, ...ownOf(work, turn.rendered)])
    if (next === undefined) return undefined
    if (isSame(ownAsked(next, turn.rendered), next.rendered)) {
      const isIgnored = work.release.ignoreVolatile
      const rendered = isIgnored ? settled(turn.rendered, next.rendered, previousObjects(work)) : turn.rendered
      return {
        turn: { ...turn, rendered },
        open: isIgnored ? [] : differences(compared(rendered), compared(next.rendered)),
      }
    }
    turn = next
  }
  return undefined
}

function taking(work: RenderedRelease, turn: Turn | undefined, { freezes }: Context): RenderedRelease {
  if (turn === undefined) return work
  const { manifest, rendered } = turn
  return { ...work, manifest, rendered, frozen: freezes ? manifest : work.frozen }
}

/** What lookups may find of a release once these objects are written. */
function ownOf(work: RenderedRelease, rendered: readonly Rendered[]): Coming[] {
  const hooks = hooksOf({ ...work, rendered }).filter((hook) => !vanishes(hook))
  return comingOf(
    rendered,
    previousObjects(work),
    hooks.map(({ object }) => object),
    (object) => stamped(object, work),
  )
}

/** helm 3 renders hooks by itself, whatever it is given: what one will hold is not known. */
function isHidden(object: KubeObject, { rendered }: RenderedRelease, { charts }: Context): boolean {
  return charts.major < 4 && rendered.some((one) => one.hook !== undefined && one.object === object)
}

function ownAsked({ asked }: Turn, rendered: readonly Rendered[]): KubeObject[] {
  const own = new Set(rendered.map(({ object }) => object))
  return asked.filter((object) => own.has(object))
}

function comparedBy({ charts }: Context): (rendered: readonly Rendered[]) => readonly Rendered[] {
  return (rendered) => (charts.major < 4 ? rendered.filter(({ hook }) => hook === undefined) : rendered)
}

function differences(one: readonly Rendered[], other: readonly Rendered[]): Rendered[] {
  const known = new Set(one.map(({ object }) => keyOf(object)))
  return [...differing(one, other), ...other.filter(({ object }) => !known.has(keyOf(object)))]
}

async function warn(
  changing: readonly Rendered[],
  work: RenderedRelease,
  { charts, warnings }: Context,
): Promise<void> {
  // A plan tells them already.
  const untold = changing.filter(({ object }) => !work.volatile.some((one) => one.object === nameOf(object)))
  if (untold.length === 0) return
  const { lookups, calls } = await charts.traits(work.release.chart, work.values)
  for (const one of untold) {
    const [first] = lookups
    // One that includes another template is of its own file.
    const near = placeOf(one, lookups) ?? placeOf(one, calls)
    const at = near ?? (first === undefined ? undefined : `${first.file}:${first.line} ${first.call}`)
    const where = at === undefined ? work.release.name : `${work.release.name}, ${at}`
    warnings.push(`${nameOf(one.object)} will be rendered otherwise by the next deploy (${where})`)
  }
}
