import { keyOf, refOf } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { claimChanges } from '../../domain/plan/claims.ts'
import { locate, valueAt } from '../../domain/plan/field-path.ts'
import { withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import type { DeployContext, ReleaseWork } from '../deploy/context.ts'
import { withEditedRecord, type RecordPorts } from '../deploy/record.ts'

const STORAGE = 'spec.resources.requests.storage'

/** A claim that has grown since keeps its size: a volume never shrinks. */
export function withGrownClaims(work: ReleaseWork, { live }: Pick<DeployContext, 'live'>): ReleaseWork {
  const rendered = work.rendered.map((one) => {
    const now = live.get(keyOf(one.object))
    if (one.object.kind !== 'PersistentVolumeClaim' || now === undefined) return one
    const shrinks = claimChanges(one.object, now).some(({ grows }) => !grows)
    return shrinks ? { ...one, object: withValues(one.object, [{ path: STORAGE, value: valueAt(now, STORAGE) }]) } : one
  })
  return { ...work, rendered }
}

/**
 * Around `helm rollback`: while it runs, the record of the target holds what no rollback brings back (what an autoscaler
 * decides, the size of a claim that has grown), so that nothing is scaled down and up again.
 */
export async function withPresentValues(
  work: ReleaseWork,
  context: DeployContext,
  ports: RecordPorts,
  rollback: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { target, release } = work
  const objects = await presentValues(work, context, signal)
  if (target === undefined || Object.keys(objects).length === 0) return await rollback()
  const { namespace } = release
  const edit = (manifest: string): string => keepValues(manifest, { namespace, objects })
  await withEditedRecord(work, target.revision, edit, ports, rollback, signal)
}

async function presentValues(
  { rendered }: ReleaseWork,
  context: DeployContext,
  signal: AbortSignal,
): Promise<Record<string, KeptValue[]>> {
  const found = rendered.map(async ({ object }): Promise<[string, KeptValue[]][]> => {
    const moving = context.preserved(object).filter((one) => one.moving === true)
    const claim = object.kind === 'PersistentVolumeClaim' ? [{ path: STORAGE }] : []
    const fields = [...moving, ...claim].filter(({ path }) => locate(object, path) !== undefined)
    const now = fields.length === 0 ? undefined : await context.cluster.get(refOf(object), signal)
    return now === undefined ? [] : [[keyOf(object), fields.map(({ path }) => ({ path, value: valueAt(now, path) }))]]
  })
  return Object.fromEntries((await Promise.all(found)).flat())
}
