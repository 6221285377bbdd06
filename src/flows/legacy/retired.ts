import { hasPods, isLent, lent } from '../../domain/migrate/adopted.ts'
import { refOf, type KubeObject } from '../../domain/kube.ts'
import { findState, type StateRequest } from './state.ts'
import type { Connection } from '../phases/ports.ts'

export interface Retired extends StateRequest {
  readonly cluster: Connection
  readonly confirm: () => Promise<void>
}

/**
 * Before the releases go back to what ran before helm: what its pods need to start is there again, and whoever might reach them
 * may. What has pods of its own waits until the releases' are proven to run (`lendWorkloads`).
 */
export async function lendRetired(request: Retired, signal: AbortSignal): Promise<void> {
  const objects = await retiredOf(request, signal)
  await lend(
    objects.filter((object) => !hasPods(object)),
    request,
    signal,
  )
}

/** The releases run as they did before helm: what has pods of its own, too. Returns all that has. */
export async function lendWorkloads(request: Retired, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const objects = (await retiredOf(request, signal)).filter(hasPods)
  await lend(objects, request, signal)
  return objects
}

async function lend(objects: readonly KubeObject[], request: Retired, signal: AbortSignal): Promise<void> {
  for (const object of objects) {
    await request.confirm()
    // Undefined: it is there, by whoever made it.
    await request.cluster.create(lent(object), signal)
  }
}

/** The way back failed, and the releases are helm's again: what was lent for it goes. */
export async function takeBackLent(request: Retired, signal: AbortSignal): Promise<void> {
  for (const object of await retiredOf(request, signal)) {
    const live = await request.cluster.get(refOf(object), signal)
    const uid = live?.metadata.uid
    if (live === undefined || uid === undefined || !isLent(live)) continue
    await request.confirm()
    await request.cluster.delete(refOf(object), { uid, propagation: 'Background' }, signal)
  }
}

async function retiredOf(request: Retired, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const state = await findState(request, signal)
  return state?.retired ?? []
}
