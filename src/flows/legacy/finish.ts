import { isAsItWas, withoutTool } from '../../domain/migrate/adopted.ts'
import { asFinished, stateRef } from '../../domain/migrate/state.ts'
import { refOf, type KubeObject } from '../../domain/kube.ts'
import type { Clock } from '../../ports.ts'
import { GONE_WITHIN_MS, requireGone } from '../observe/until-gone.ts'
import { editObject } from './edit.ts'
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
  for (const object of state.adopted) {
    await confirm()
    await editObject(object, withoutTool, cluster, signal)
  }
  await setPolicies(state.volumes, cluster, confirm, signal)
  await confirm()
  const { apiVersion, kind, ...place } = stateRef(request, deploy)
  await editObject({ apiVersion, kind, metadata: place }, asFinished, cluster, signal)
  return gone.length
}

/** Each as it was seen when this was planned, and not one that somebody has changed since. */
async function retire(
  objects: readonly KubeObject[],
  { cluster, confirm, record, clock, onChanged, limitMs = GONE_WITHIN_MS }: Finishing,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const gone: KubeObject[] = []
  for (const object of objects) {
    const { uid = '', name } = object.metadata
    const live = await cluster.get(refOf(object), signal)
    if (live?.metadata.uid !== uid) continue
    if (!isAsItWas(live, object)) {
      onChanged(object)
      continue
    }
    await confirm()
    await record?.step({ op: 'retire', kind: object.kind, name }, 'running')
    await cluster.delete(refOf(object), { uid, propagation: 'Background' }, signal)
    await record?.step({ op: 'retire', kind: object.kind, name }, 'done')
    gone.push(object)
  }
  if (gone.length > 0) await requireGone({ objects: gone, cluster, limitMs }, { clock, signal })
  return gone
}
