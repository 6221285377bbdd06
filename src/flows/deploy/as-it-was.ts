import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { STORAGE } from '../../domain/plan/claims.ts'
import type { KeptValue } from '../../domain/plan/preserved.ts'
import { stateBefore } from '../../domain/plan/state-before.ts'
import { presentValues } from './present-values.ts'
import type { DeployContext, ReleaseWork } from './context.ts'
import { withEditedRecord, type RecordPorts } from './record.ts'

/**
 * Around an automatic rollback: the record of its target holds what the chart said, not what somebody had made of it
 * before this deploy (a count, a preserved field). So while helm goes back the record holds the latter: nothing is scaled
 * down and up again, and forge writes no object itself.
 */
export async function asItWas(
  work: ReleaseWork,
  revision: number,
  context: DeployContext,
  ports: RecordPorts,
  rollback: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // What cannot be read now must not keep the release from going back.
  const state = await stateOf(work, context, signal).catch(() => undefined)
  if (state === undefined) return await rollback()
  const edit = (manifest: string): string => keepValues(manifest, { namespace: work.release.namespace, ...state })
  await withEditedRecord(work, revision, edit, ports, rollback, signal)
}

/** Keys of objects that were not there before this deploy, although the release has them: what is as before is without them. */
export function missingBefore({ previous, history, before }: ReleaseWork, live: DeployContext['live']): Set<string> {
  if (history[0] !== before) return new Set()
  return new Set(ownObjects(previous).flatMap((object) => (live.has(keyOf(object)) ? [] : keyOf(object))))
}

async function stateOf(
  work: ReleaseWork,
  context: DeployContext,
  signal: AbortSignal,
): Promise<ReturnType<typeof stateBefore>> {
  const { plans, previous, rendered, history, before } = work
  const remade = plans.filter(({ action }) => action === 'replace' || action === 'delete')
  return stateBefore({
    previous,
    rendered,
    live: context.live,
    remade: new Set(remade.map(({ ref }) => keyOf(ref))),
    settled: history[0] === before,
    present: await presentValues(
      previous.map(({ object }) => object),
      (object) => presentFields(object, context),
      context.cluster,
      signal,
    ),
  })
}

/** Fields that no rollback brings back: what an autoscaler decides, and the size of a claim that has grown. */
export function presentFields(
  object: KubeObject,
  { preserved, works }: Pick<DeployContext, 'preserved' | 'works'>,
): readonly Pick<KeptValue, 'path'>[] {
  const key = keyOf(object)
  const grown = works
    .flatMap(({ plans }) => plans)
    .some(
      ({ ref, changes }) =>
        ref.kind === 'PersistentVolumeClaim' && keyOf(ref) === key && changes.some(({ path }) => path === STORAGE),
    )
  const moving = preserved(object).filter((one) => one.moving === true)
  return [...moving.map(({ path }) => ({ path })), ...(grown ? [{ path: STORAGE }] : [])]
}
