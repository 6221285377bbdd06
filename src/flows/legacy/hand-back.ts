import { handedBack, isLent, toMakeAgain } from '../../domain/migrate/adopted.ts'
import { recordName } from '../../domain/helm/record.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { nameOf, refOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { DeployRecord } from '../state/journal.ts'
import { inParallel } from '../in-parallel.ts'
import { editObject, WRITES_AT_ONCE } from './edit.ts'
import { findState, forgetState } from './state.ts'
import { setPolicies } from './volumes.ts'
import type { Retired } from './retired.ts'

export interface HandBack extends Retired {
  readonly record: Pick<DeployRecord, 'step'> | undefined
}

/**
 * The releases stand at what ran before helm: now it belongs to no release again, what was retired or made anew is there again,
 * and helm knows nothing of it. Each part can be done twice: after a kill it is done from the beginning.
 */
export async function handBack(request: HandBack, signal: AbortSignal): Promise<void> {
  const { cluster, confirm, record } = request
  const state = await findState(request, signal)
  if (state === undefined) return
  for (const { name } of state.releases) await record?.step({ op: 'hand-back', release: name }, 'running')
  await inParallel(state.adopted, WRITES_AT_ONCE, async (before) => await giveBack(before, request, signal))
  await inParallel(state.retired, WRITES_AT_ONCE, async (before) => await keepLent(before, request, signal))
  for (const before of state.hooked) await putBack(before, request, signal)
  await setPolicies(state.volumes, cluster, confirm, signal)
  for (const { name, namespace } of state.releases) await forgetRelease(name, namespace, request, signal)
  await confirm()
  await forgetState(request, signal)
  for (const { name } of state.releases) await record?.step({ op: 'hand-back', release: name }, 'done')
}

/** Its marks first: whoever writes them owns them, until it is said in turn who had written what. */
async function giveBack(before: KubeObject, request: HandBack, signal: AbortSignal): Promise<void> {
  const { cluster, confirm } = request
  for (const part of ['marks', 'managers'] as const) {
    await confirm()
    const isThere = await editObject(before, (live) => handedBack(live, before, part), cluster, signal)
    if (!isThere) return await makeAgain(before, request, signal)
  }
}

/** What was lent for the way back stays, as what it was; what nobody had retired yet is not touched. */
async function keepLent(before: KubeObject, request: HandBack, signal: AbortSignal): Promise<void> {
  const live = await request.cluster.get(refOf(before), signal)
  if (live === undefined || isLent(live)) await giveBack(before, request, signal)
}

/** In place of the hook that took its name. */
async function putBack(before: KubeObject, request: HandBack, signal: AbortSignal): Promise<void> {
  const { cluster, confirm } = request
  const uid = (await cluster.get(refOf(before), signal))?.metadata.uid
  if (uid === before.metadata.uid) return
  await confirm()
  if (uid !== undefined) await cluster.delete(refOf(before), { uid, propagation: 'Background' }, signal)
  if ((await cluster.create(toMakeAgain(before), signal)) !== undefined) return
  throw new ForgeError('E_API_CONFLICT', `${nameOf(before)} is not gone yet, so it cannot be made as it was`, {
    hint: kubectl(['get', resourceName(before), before.metadata.name, '-o', 'yaml'], before.metadata.namespace),
    where: nameOf(before),
  })
}

async function makeAgain(before: KubeObject, { cluster, confirm }: HandBack, signal: AbortSignal): Promise<void> {
  if ((await cluster.get(refOf(before), signal)) !== undefined) return
  await confirm()
  await cluster.create(toMakeAgain(before), signal)
}

/** The newest first: what is left after a kill is a release at what ran before. */
async function forgetRelease(
  name: string,
  namespace: string,
  { cluster, confirm }: HandBack,
  signal: AbortSignal,
): Promise<void> {
  const history = await cluster.history(name, namespace, signal)
  for (const { revision } of history) {
    await confirm()
    await cluster.delete({ ...SECRET_KIND, namespace, name: recordName(name, revision) }, {}, signal)
  }
}
