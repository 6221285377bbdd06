import { handedBack, toMakeAgain } from '../../domain/migrate/adopted.ts'
import type { LegacyState } from '../../domain/migrate/model.ts'
import { recordName } from '../../domain/helm/record.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import type { DeployRecord } from '../state/journal.ts'
import { editObject } from './edit.ts'
import { findState, forgetState, type StateRequest } from './state.ts'
import { setPolicies } from './volumes.ts'
import type { Connection } from '../phases/ports.ts'

export interface HandBack extends StateRequest {
  readonly cluster: Connection
  readonly confirm: () => Promise<void>
  readonly record: Pick<DeployRecord, 'step'> | undefined
}

/**
 * The releases stand at what ran before helm: now it belongs to no release again, what was retired or made anew is there again,
 * and helm knows nothing of it. Each part can be done twice: after a kill it is done from the beginning.
 */
export async function handBack(request: HandBack, signal: AbortSignal): Promise<LegacyState | undefined> {
  const { cluster, confirm, record } = request
  const state = await findState(request, signal)
  if (state === undefined) return undefined
  for (const { name } of state.releases) await record?.step({ op: 'hand-back', release: name }, 'running')
  for (const before of [...state.adopted, ...state.retired]) {
    await confirm()
    const isThere = await editObject(before, (live) => handedBack(live, before), cluster, signal)
    if (!isThere) await cluster.create(toMakeAgain(before), signal)
  }
  await setPolicies(state.volumes, cluster, confirm, signal)
  for (const { name, namespace } of state.releases) await forgetRelease(name, namespace, request, signal)
  await confirm()
  await forgetState(request, signal)
  for (const { name } of state.releases) await record?.step({ op: 'hand-back', release: name }, 'done')
  return state
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
