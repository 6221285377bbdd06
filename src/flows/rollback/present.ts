import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { grownSize, STORAGE } from '../../domain/plan/claims.ts'
import { locate } from '../../domain/plan/field-path.ts'
import { isMoving, withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import type { Compared, Planned, ReleasePlan } from '../phases/planned.ts'
import { presentValues } from '../restore/present-values.ts'
import { withEditedRecord, type RecordPorts } from '../apply/record.ts'

/** A claim that has grown since keeps its size: a volume never shrinks. */
export function withGrownClaims(work: DesiredRelease, live: Compared['live']): DesiredRelease {
  const rendered = work.rendered.map((one) => {
    const size = grownSize(one.object, live.get(keyOf(one.object)))
    return size.length > 0 ? { ...one, object: withValues(one.object, size) } : one
  })
  return { ...work, rendered }
}

/**
 * Around `helm rollback`: while it runs, the record of the target holds what no rollback brings back (what an autoscaler
 * decides, the size of a claim that has grown), so that nothing is scaled down and up again.
 */
export async function withPresentValues(
  work: ReleasePlan,
  context: Planned,
  ports: RecordPorts,
  rollback: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { target, release } = work
  const values = await presentValues(
    work.rendered.map(({ object }) => object),
    (object) => movingFields(object, context),
    context.cluster,
    signal,
  )
  if (target === undefined || values.size === 0) return await rollback()
  const objects = Object.fromEntries(values)
  const { namespace } = release
  const edit = (manifest: string): string => keepValues(manifest, { namespace, objects })
  await withEditedRecord(work, target.revision, edit, ports, rollback, signal)
}

/** Of what comes back: what an autoscaler decides, and a claim's size. */
function movingFields(object: KubeObject, { preserved }: Pick<Planned, 'preserved'>): Pick<KeptValue, 'path'>[] {
  const moving = preserved(object).filter(isMoving)
  const claim = object.kind === 'PersistentVolumeClaim' ? [{ path: STORAGE }] : []
  return [...moving, ...claim].filter(({ path }) => locate(object, path) !== undefined)
}
