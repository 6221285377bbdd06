import { isAsItWas, withoutTool } from '../../domain/migrate/adopted.ts'
import { asFinished, stateRef } from '../../domain/migrate/state.ts'
import { refOf, type KubeObject } from '../../domain/kube.ts'
import type { Clock } from '../../ports.ts'
import { GONE_WITHIN_MS, requireGone } from '../observe/until-gone.ts'
import { inParallel } from '../in-parallel.ts'
import { editObject, editObjects, WRITES_AT_ONCE } from './edit.ts'
import type { HandBack } from './hand-back.ts'
import { findState } from './state.ts'
import { setPolicies } from './volumes.ts'

export interface Finishing extends HandBack {
  readonly clock: Clock
  readonly limitMs?: number | undefined
  /** Of what was to go, and was changed since it was looked at: it stays, unless this throws. */
  readonly onChanged: (object: KubeObject) => void
}

/**
 * All is ready: what only the old stack had is deleted, its tool leaves no claim to what is helm's now, and volumes are as free
 * as they were. Each part can be done twice: after a kill it is done from the beginning. Returns how many objects were retired.
 */
export async function finishLegacy(request: Finishing, signal: AbortSignal): Promise<number> {
  const { cluster, confirm, deploy } = request
  const state = await findState(request, signal)
  if (state === undefined) return 0
  const gone = await retire(state.retired, request, signal)
  await editObjects(state.adopted, withoutTool, request, signal)
  await setPolicies(state.volumes, cluster, confirm, signal)
  await confirm()
  const { apiVersion, kind, ...place } = stateRef(request, deploy)
  await editObject({ apiVersion, kind, metadata: place }, asFinished, cluster, signal)
  return gone.length
}

/** All are looked at before the first is deleted: each as it was seen when this was planned, and not one that somebody has changed since. */
async function retire(
  objects: readonly KubeObject[],
  { cluster, confirm, record, clock, onChanged, limitMs = GONE_WITHIN_MS }: Finishing,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const live = await inParallel(objects, WRITES_AT_ONCE, async (object) => await cluster.get(refOf(object), signal))
  const there = objects.flatMap((object, at) => {
    const found = live[at]
    return found === undefined || found.metadata.uid !== object.metadata.uid ? [] : [{ object, found }]
  })
  const going: KubeObject[] = []
  for (const { object, found } of there)
    if (isAsItWas(found, object)) going.push(object)
    else onChanged(object)
  await inParallel(going, WRITES_AT_ONCE, async (object) => {
    const { kind, metadata } = object
    const operation = { op: 'retire', kind, name: metadata.name } as const
    await confirm()
    await record?.step(operation, 'running')
    await cluster.delete(refOf(object), { uid: metadata.uid ?? '', propagation: 'Background' }, signal)
    await record?.step(operation, 'done')
  })
  if (going.length > 0) await requireGone({ objects: going, cluster, limitMs }, { clock, signal })
  return going
}
