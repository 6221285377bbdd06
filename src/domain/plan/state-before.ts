import { keyOf, type KubeObject } from '../kube.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import type { KeptValues } from '../manifest/keep-values.ts'
import { statedDifferences } from './diff.ts'
import { additionsBeside } from './drift.ts'
import { locate, valueAt } from './field-path.ts'
import { foreignFields, ownerOf } from './managers.ts'
import type { KeptValue } from './preserved.ts'
import { holdersOf, sharedPart } from './shared-part.ts'
import { unsaid } from './unsaid.ts'

export interface StateBefore {
  /** The manifest that a rollback goes back to. */
  readonly previous: readonly Rendered[]
  /** What the deploy that failed has written. */
  readonly rendered: readonly Rendered[]
  /** As the objects were before it. */
  readonly live: ReadonlyMap<string, KubeObject>
  /** Keys of objects that were taken away, and are made anew by the rollback. */
  readonly remade: ReadonlySet<string>
  /** The last deployed revision was the newest one: what differs from it is somebody's, not of an upgrade that failed. */
  readonly settled: boolean
  /** Fields whose present value stays, whatever stood there before: an autoscaler's count, the size of a claim that grew. */
  readonly present: ReadonlyMap<string, readonly KeptValue[]>
}

/**
 * How the live objects differed from the manifest that a rollback writes: values that somebody had set, preserved or not,
 * and objects that were not there. With them in the manifest helm brings back what was, not what the chart once said.
 */
export function stateBefore(now: StateBefore): Pick<KeptValues, 'objects' | 'without'> {
  const { previous, rendered, live, remade, settled, present } = now
  const wanted = new Map(rendered.map(({ object }) => [keyOf(object), object]))
  const own = previous.filter((one) => one.hook === undefined && !isBundledDefinition(one))
  const objects: Record<string, KeptValue[]> = {}
  const without: string[] = []
  for (const { object } of own) {
    const key = keyOf(object)
    const before = live.get(key)
    if (before === undefined && settled) without.push(key)
    const values = before === undefined ? [] : valuesOf(object, wanted.get(key), before, remade.has(key), settled)
    const now = (present.get(key) ?? []).filter(({ path }) => locate(object, path) !== undefined)
    if (values.length + now.length > 0) objects[key] = [...values, ...now]
  }
  return { objects, without }
}

function valuesOf(
  previous: KubeObject,
  wanted: KubeObject | undefined,
  live: KubeObject,
  remade: boolean,
  settled: boolean,
): KeptValue[] {
  const owned = foreignFields(live)
  const stated = statedDifferences(previous, live)
    .filter(({ path }) => settled || ownerOf(path, owned) !== undefined)
    .map(({ path, before }) => ({ path, value: before }))
  // What stands beside the chart stays by itself, unless the object goes or the new chart has taken the field over.
  const beside = additionsBeside([previous], live, owned)
    .filter(({ path }) => remade || (wanted !== undefined && isTaken(path, previous, wanted)))
    .map(({ path, live: value }) => ({ path, value: remade ? value : sharedPart(value, valueAt(wanted, path), path) }))
  return [...stated, ...beside, ...(wanted === undefined ? [] : unsaid(previous, wanted, live))]
}

/** The new chart takes the field over, or gives up what it stands in. */
function isTaken(path: string, previous: KubeObject, wanted: KubeObject): boolean {
  if (locate(wanted, path) !== undefined) return true
  const isGivenUp = (holder: string): boolean =>
    locate(previous, holder) !== undefined && locate(wanted, holder) === undefined
  return holdersOf(path).some(isGivenUp)
}
