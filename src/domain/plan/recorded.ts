import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { isEqual } from '../canonical.ts'
import { withValues, type KeptValue } from './preserved.ts'

export interface Recorded {
  readonly rendered: readonly Rendered[]
  /** What helm's record of the live revision says, hooks included. */
  readonly recorded: readonly Rendered[]
  /** What a deploy would put into the render, by key: preserved fields. */
  readonly kept: Readonly<Record<string, readonly KeptValue[]>>
  /** Of those, what somebody decides anew all the time: that a record holds an earlier value is no news. */
  readonly moving?: Readonly<Record<string, readonly KeptValue[]>>
}

/**
 * Names of objects and hooks that helm's record states otherwise than the render. The live objects may have it already
 * (somebody set it by hand, and the chart followed), but the next rollback, and what counts as drift, go by the record.
 */
export function recordedOtherwise({ rendered, recorded, kept, moving = {} }: Recorded): string[] {
  const now = stated(rendered, kept)
  const then = stated(recorded, moving)
  const all = new Map([...now, ...then])
  return [...all].flatMap(([key, { name }]) => (isEqual(now.get(key)?.sent, then.get(key)?.sent) ? [] : [name]))
}

/** Tests are run by hand; definitions of crds/ are in no record. */
function stated(
  all: readonly Rendered[],
  kept: Recorded['kept'],
): Map<string, { readonly name: string; readonly sent: KubeObject }> {
  const own = all.filter((one) => !isBundledDefinition(one) && one.hook?.events.includes('test') !== true)
  return new Map(
    own.map(({ object }) => {
      const sent: KubeObject = withValues(object, kept[keyOf(object)] ?? [])
      return [keyOf(object), { name: nameOf(object), sent }] as const
    }),
  )
}
