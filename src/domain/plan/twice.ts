import { keyOf, nameOf } from '../kube.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'

interface Release {
  readonly name: string
  readonly rendered: readonly Rendered[]
}

interface Place extends Rendered {
  readonly release: string
}

/** What goes with the data in it when helm makes room for a hook of that name. */
const HOLDING = ['PersistentVolumeClaim', 'Namespace', 'CustomResourceDefinition']
const MAKES_ROOM = ['before-hook-creation', 'hook-succeeded']

/**
 * One object that comes from two templates, of one release or of two: helm 3 fails on that half-way, and helm 4 writes both side
 * by side, so that it is chance which one stays. Another version of the same group is the same object.
 */
export function findTwice(releases: readonly Release[]): (Clash & { readonly problems: Clash[] }) | undefined {
  const places = releases.flatMap(({ name, rendered }) => rendered.map((one): Place => ({ ...one, release: name })))
  const problems = [...Map.groupBy(places, ({ object }) => keyOf(object)).values()].flatMap(clashOf)
  const [first] = problems
  if (first === undefined) return undefined
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`
  return { message: `${first.message}${more}`, where: first.where, problems }
}

interface Clash {
  readonly message: string
  readonly where: string
}

function clashOf(places: readonly Place[]): Clash[] {
  const own = places.filter(({ hook }) => hook === undefined)
  const [first, second = hookAgainst(first, places)] = own
  if (first === undefined || second === undefined || own.every(isBundledDefinition)) return []
  const name = nameOf(first.object)
  const [one, other] = [templateIn(first, second), templateIn(second, first)]
  const by = one === other ? `twice by ${one}` : `by ${one} and by ${other}`
  const what =
    second.hook === undefined
      ? 'helm would write both, and which one stays is chance'
      : `the latter is a hook (${second.hook.events.join(', ')}), for which helm would delete the former`
  return [{ message: `${name} is rendered ${by}: ${what}`, where: first.template || `release ${first.release}` }]
}

/**
 * Hooks are objects of their own. Some charts make one (a service account) for their first Job and again for the release:
 * that works where helm takes the hook away before it makes the other (tried with both helms).
 */
function hookAgainst(own: Place | undefined, places: readonly Place[]): Place | undefined {
  return places.find(({ hook, object, release }) => {
    if (hook === undefined || own === undefined) return false
    const runs = hook.events.filter((event) => /-(?:install|upgrade|rollback)$/u.test(event))
    const isBefore = runs.every((event) => event.startsWith('pre-'))
    const makesRoom = MAKES_ROOM.every((policy) => hook.deletePolicy.includes(policy))
    const isSafe = isBefore && makesRoom && release === own.release && !HOLDING.includes(object.kind)
    return runs.length > 0 && !isSafe
  })
}

function templateIn({ release, template }: Place, other: Place): string {
  return release === other.release ? template : `release ${release} (${template})`
}
