import { keepValues, withObjects } from '../../domain/manifest/keep-values.ts'
import { joinedAs, olderThan } from '../../domain/plan/joined.ts'
import { valuesBefore } from '../../domain/recovery/as-before.ts'
import type { RecoveryAction } from '../../domain/recovery/model.ts'
import { fixedBack } from '../../domain/plan/plans-back.ts'
import { requireNewest, takeReleaseBack, type TakenBack, type WayBack } from '../restore/take-release-back.ts'
import type { Recovering } from './carry-out.ts'
import type { RecoveryScope } from './scope.ts'
import { projectIn, type InspectedRelease } from './inspect.ts'

/** One release from the revision of an interrupted deploy back to the last one that was deployed. */
export async function rollBackRelease(
  action: Extract<RecoveryAction, { kind: 'roll-back' }>,
  found: InspectedRelease,
  { scope, ports: { codec, clock }, hold, tell: detail }: Recovering,
): Promise<TakenBack> {
  const { name, namespace, base, counts } = found
  const [known] = found.history
  if (base === undefined || known === undefined) throw new Error(`${name} has no revision to go back to`)
  const { cluster, charts } = scope
  const signal = hold.lost
  // What it took over was taken out of its records meanwhile.
  const applied = await appliedNow(found, cluster, signal)
  const way: WayBack = {
    release: { name, namespace },
    newest: await requireNewest(found, known.revision, 0, cluster, signal),
    ...{ to: base, applied, agreed: false, operation: { op: 'return', release: name }, because: action.because },
    inTheWay: (now) => fixedBack(name, now),
    edits: (now) => {
      const objects = valuesBefore(now.wanted, now.live, counts)
      const older = olderThan(
        found.history.filter(({ revision }) => revision > base.revision),
        now,
      )
      const edit = (manifest: string): string =>
        keepValues(withObjects(manifest, older, joinedAs), { namespace, objects })
      return Promise.resolve([{ revision: base.revision, edit, required: older.length > 0 }])
    },
    around: async (goBack) => await goBack(),
  }
  const facts = { resources: await cluster.resources(signal) }
  return await takeReleaseBack(way, {
    ...{ ...projectIn(scope), ...hold, charts, facts, codec, clock, signal, report: { detail } },
  })
}

async function appliedNow(
  { name, namespace, applied }: InspectedRelease,
  { history }: Pick<RecoveryScope['cluster'], 'history'>,
  signal: AbortSignal,
): Promise<InspectedRelease['applied']> {
  if (applied === undefined) return undefined
  return (await history(name, namespace, signal)).find(({ revision }) => revision === applied.revision)
}
