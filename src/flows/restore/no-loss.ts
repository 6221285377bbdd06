import { keyOf, madeAt, nameOf } from '../../domain/kube.ts'
import { claimsFor, newSets, takingText } from '../../domain/plan/losses-back.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import type { ReleaseNow } from '../../domain/plan/plans-back.ts'

/**
 * A StatefulSet that the newest revision has made goes, and by its policy takes claims along: those that are older than
 * itself were there before. Throws E_DATA_LOSS (exit status 5), and nothing is rolled back then.
 */
export async function requireNoLoss(
  { wanted, present, live }: ReleaseNow,
  home: string,
  cluster: Pick<ClusterReader, 'list'>,
  signal: AbortSignal,
): Promise<void> {
  for (const made of newSets({ rendered: present, previous: wanted })) {
    const set = live.get(keyOf(made))
    if (set === undefined) continue
    const { namespace = home } = made.metadata
    const claims = await cluster.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, { namespace }, signal)
    const older = claimsFor(set, claims).filter((claim) => madeAt(claim) < madeAt(set))
    if (older.length === 0) continue
    throw new ForgeError('E_DATA_LOSS', takingText(set, older), {
      hint: kubectl(['get', 'persistentvolumeclaims'], namespace),
      where: nameOf(set),
      now: 'nothing was rolled back: what was made stays as it is',
      exit: 5,
    })
  }
}
