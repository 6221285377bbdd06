import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { grownSize, STORAGE } from '../../domain/plan/claims.ts'
import { locate } from '../../domain/plan/field-path.ts'
import { isMoving, withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import type { Compared, Planned, ReleasePlan } from '../phases/planned.ts'
import { presentValues } from '../restore/present-values.ts'
import type { RecordEdit } from '../apply/record.ts'

/** A claim that has grown since keeps its size: a volume never shrinks. */
export function withGrownClaims(found: Compared): Compared {
  const grown = (one: Rendered): Rendered => {
    const size = grownSize(one.object, found.live.get(keyOf(one.object)))
    return size.length > 0 ? { ...one, object: withValues(one.object, size) } : one
  }
  return { ...found, releases: found.releases.map((work) => ({ ...work, rendered: work.rendered.map(grown) })) }
}

/**
 * While helm goes back, the record of the target holds what no rollback brings back (what an autoscaler decides, the size of a
 * claim that has grown), so that nothing is scaled down and up again.
 */
export async function presentInRecord(
  { rendered, release: { namespace } }: ReleasePlan,
  revision: number,
  context: Planned,
  signal: AbortSignal,
): Promise<RecordEdit[]> {
  const manifest = rendered.map(({ object }) => object)
  const values = await presentValues(manifest, (object) => movingFields(object, context), context.cluster, signal)
  if (values.size === 0) return []
  const objects = Object.fromEntries(values)
  return [{ revision, edit: (text) => keepValues(text, { namespace, objects }) }]
}

/** Of what comes back: what an autoscaler decides, and a claim's size. And what it gives up and somebody else owns, too. */
function movingFields(object: KubeObject, { preserved }: Pick<Planned, 'preserved'>): Pick<KeptValue, 'path'>[] {
  const kept = preserved(object)
  const claim = object.kind === 'PersistentVolumeClaim' ? [{ path: STORAGE }] : []
  const moving = [...kept.filter(isMoving), ...claim].filter(({ path }) => locate(object, path) !== undefined)
  return [...moving, ...kept.filter(({ owner }) => owner !== undefined)]
}
