import { lastReadable } from '../../domain/helm/record.ts'
import { keyOf, nameOf } from '../../domain/kube.ts'
import { withdrawnFields } from '../../domain/plan/diff.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { isHelmMark } from '../../domain/plan/ownership.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { takenKeys, takesFrom, type Giver, type Take } from '../../domain/plan/take-over.ts'
import { ForgeError } from '../../errors.ts'
import { againWithout, forge } from '../../hint.ts'
import { isInstalled } from '../observe/left-out.ts'
import { inspectRecord } from '../observe/release-records.ts'
import { AS_RECORDED, type DesiredRelease } from '../phases/desired.ts'
import type { LeftOut } from '../phases/observed.ts'
import type { Compared } from '../phases/planned.ts'

/** From which other releases one may take. */
export type MayTake = (release: DesiredRelease, from: string) => boolean

/** What forge.yaml says (`takesOver`). */
export const AS_DECLARED: MayTake = ({ release }, from) => release.takesOver.includes(from)

/** What goes back had it once, whoever of the project has it now. */
export const WHAT_WAS_ITS_OWN: MayTake = () => true

/**
 * The releases as they are once the objects have moved that one takes over from another: then each has in its record what it
 * owns, and helm neither deletes nor refuses any of it. A giver that this run leaves as it is comes along, with nothing but
 * what it gives up. Throws E_TAKE_OVER. No request.
 */
export function withTakeOvers(found: Compared, mayTake: MayTake): Compared {
  const { releases, live } = found
  requireTakers(found)
  const left = found.leftOut.filter((one) => {
    return one.isOwn && isInstalled(one) && releases.some((work) => mayTake(work, one.name))
  })
  const givers: Giver[] = [...releases, ...left.map((one) => recordedGiver(one, found))]
  const taking = releases.map((work) => ({
    ...work,
    takes: takesFrom(
      work,
      givers.filter(({ release: { name } }) => name !== work.release.name && mayTake(work, name)),
      live,
    ),
  }))
  const takes = taking.flatMap((work) => work.takes)
  if (takes.length === 0) return found
  requireAllMeant(takes, found)
  const given = (name: string): Set<string> => takenKeys(takes.filter(({ from }) => from.name === name))
  const named = taking.map((work) => withPrevious(work, given(work.release.name), found))
  const unnamed = left.flatMap((one) => (given(one.name).size === 0 ? [] : standing(one)))
  return { ...found, releases: [...named, ...unnamed] }
}

/** One that gives objects up must not be deployed without the one that takes them: helm would delete them meanwhile. */
function requireTakers({ project, releases, live }: Compared): void {
  for (const taker of project.selection?.leftOut ?? []) {
    const givers = releases.filter(({ release }) => taker.takesOver.includes(release.name))
    const given = givers.flatMap((giver) => {
      const kept = new Set(giver.rendered.map(({ object }) => keyOf(object)))
      return ownObjects(giver.previous).filter((object) => !kept.has(keyOf(object)) && live.has(keyOf(object)))
    })
    const [first] = given
    if (first === undefined) continue
    throw notAlone(
      `${nameOf(first)} goes, and release ${taker.name}, which may take it over, is left out here`,
      taker.name,
    )
  }
}

function notAlone(message: string, release: string): ForgeError {
  const hint = againWithout(['--release', '--only'])
  return new ForgeError('E_TAKE_OVER', `${message}: both go together`, { hint, where: `release ${release}` })
}

/** A release of forge.yaml that is left out goes on rendering what nobody has looked at. */
function requireAllMeant(takes: readonly Take[], { project }: Compared): void {
  const chosen = project.selection?.leftOut ?? []
  const one = takes.find(({ from }) => chosen.some(({ name }) => name === from.name))
  if (one === undefined) return
  const [first] = one.objects
  const what = first === undefined ? 'an object' : nameOf(first.object)
  throw notAlone(`${what} moves from release ${one.from.name}, which is left out here`, one.from.name)
}

function recordedGiver({ name, namespace, history = [] }: LeftOut, { facts }: Compared): Giver {
  const record = lastReadable(history)
  const previous = record === undefined ? [] : inspectRecord(record, namespace, facts.resources).rendered
  return { release: { name, namespace }, previous, rendered: [] }
}

/**
 * What helm will compare with. helm 3 installs over what is there and takes no field away: what the chart gives up by the way
 * stays, and is told.
 */
function withPrevious(
  work: DesiredRelease & { readonly takes: readonly Take[] },
  given: ReadonlySet<string>,
  found: Compared,
): DesiredRelease {
  const own = work.previous.filter(({ object, hook }) => hook !== undefined || !given.has(keyOf(object)))
  const known = new Set(own.map(({ object }) => keyOf(object)))
  const taken = work.takes.flatMap(({ objects }) => objects).filter(({ object }) => !known.has(keyOf(object)))
  if (work.before !== undefined || work.way === 'apply') return { ...work, previous: [...own, ...taken] }
  const rendered = new Map(work.rendered.map(({ object }) => [keyOf(object), object]))
  const same = taken.filter(({ object }) => {
    const [wanted, live] = [rendered.get(keyOf(object)), found.live.get(keyOf(object))]
    const fields = wanted === undefined || live === undefined ? [] : withdrawnFields(object, wanted, live)
    for (const { path } of fields)
      found.warnings.push(`${nameOf(object)}: the chart gives up ${path}, and it stays as it is live`)
    return fields.length === 0
  })
  return { ...work, previous: [...own, ...same] }
}

/** Helm is not run for it: its record says what it gave up, and all else stays. */
function standing({ name, namespace, history = [] }: LeftOut): DesiredRelease[] {
  const before = lastReadable(history)
  if (before === undefined) return []
  const at = { file: '', line: 0, column: 0 }
  const chart = { chart: before.chart.name, version: before.chart.version, local: false, at }
  const none = { values: [], set: [], needs: [], configMaps: [], takesOver: [] }
  const release = { name, namespace, chart, ...none, crds: 'skip', ignoreVolatile: false, at } as const
  const kept = { values: before.config, manifest: before.manifest, rendered: [], keepsRevision: true }
  return [{ release, history, before, previous: [], way: 'patch', ...AS_RECORDED, ...kept }]
}

/** A plan that says from where the object comes. Throws E_TAKE_OVER where it would have to be made anew. */
export function asMoved(
  plan: ObjectPlan,
  { takes = [], release }: Pick<DesiredRelease, 'takes' | 'release'>,
): ObjectPlan {
  const take = takes.find(({ objects }) => objects.some(({ object }) => keyOf(object) === keyOf(plan.ref)))
  if (take === undefined) return plan
  if (plan.action === 'replace') throw cannotMove(plan, take, release.name)
  const changes = plan.changes.filter(({ path }) => !isHelmMark(path))
  return { ...plan, changes, from: take.from.name, action: plan.action === 'unchanged' ? 'change' : plan.action }
}

function cannotMove({ ref, because = 'a field of it is fixed' }: ObjectPlan, { from }: Take, to: string): ForgeError {
  const message = `${nameOf(ref)} cannot move from release ${from.name} to ${to} as it is: ${because}`
  return new ForgeError('E_TAKE_OVER', message, { hint: forge('plan', '--full'), where: nameOf(ref) })
}
