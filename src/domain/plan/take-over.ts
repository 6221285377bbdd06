import { keyOf, type KubeObject } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { helmOwner } from './ownership.ts'

/** helm knows a release by both. */
export interface ReleaseName {
  readonly name: string
  readonly namespace: string
}

/** Objects that move from one release to another: they are kept, and belong to the other one from then on. */
export interface Take {
  readonly from: ReleaseName
  /** As `from` stated them last. */
  readonly objects: readonly Rendered[]
}

/** A release that may give objects up. */
export interface Giver {
  readonly release: ReleaseName
  /** What helm compares its next upgrade with. */
  readonly previous: readonly Rendered[]
  /** What it shall be. Empty: it stays as it is otherwise, and nobody renders it. */
  readonly rendered: readonly Rendered[]
}

/**
 * What a release takes from each of the givers: objects that it renders, that the giver's last manifest has and its new one
 * has not, and that are live and the giver's. One that bears the taker's marks already, while the giver's record still has it,
 * is half-way: helm would delete it with the giver's next upgrade.
 */
export function takesFrom(
  taker: { readonly release: ReleaseName; readonly rendered: readonly Rendered[] },
  givers: readonly Giver[],
  live: ReadonlyMap<string, KubeObject>,
): Take[] {
  const wanted = new Set(stated(taker.rendered).map(({ object }) => keyOf(object)))
  return givers.flatMap(({ release: from, previous, rendered }) => {
    const kept = new Set(stated(rendered).map(({ object }) => keyOf(object)))
    const objects = stated(previous).filter(({ object }) => {
      const key = keyOf(object)
      const found = live.get(key)
      if (!wanted.has(key) || kept.has(key) || found === undefined || isLeaving(found)) return false
      const owner = helmOwner(found)
      return isSame(owner, from) || isSame(owner, taker.release)
    })
    return objects.length === 0 ? [] : [{ from, objects }]
  })
}

/** Hooks are no part of a release, and definitions of crds/ the cluster's. */
function stated(rendered: readonly Rendered[]): Rendered[] {
  return rendered.filter((one) => one.hook === undefined && !isBundledDefinition(one))
}

export function isSame(one: ReleaseName | undefined, other: ReleaseName): boolean {
  return one?.name === other.name && one.namespace === other.namespace
}

/** Keys of what moves. */
export function takenKeys(takes: readonly Take[]): Set<string> {
  return new Set(takes.flatMap(({ objects }) => objects.map(({ object }) => keyOf(object))))
}

/** How helm's record says that forge has made it; nothing was sent to the cluster for it. */
const MOVED = 'Objects moved'

export function movedText(names: readonly string[], where: string): string {
  return `${MOVED} ${where}: ${names.join(', ')}`
}

/** A revision that says whose objects are, and that helm never applied. */
export function isMoveRecord({ description }: { readonly description: string }): boolean {
  return description.startsWith(`${MOVED} `)
}
