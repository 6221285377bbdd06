import { keyOf, nameOf, refOf, type ObjectRef } from '../../domain/kube.ts'
import type { Expectation } from '../../domain/readiness/model.ts'
import { podInTheWay } from '../../domain/readiness/workloads/stateful-pods.ts'
import type { ClusterWriter } from '../../ports.ts'
import type { Follower } from '../follow.ts'
import { bugOf, stackOf } from '../../errors.ts'
import { isExpected } from '../../expected.ts'

export interface ForcedPods {
  readonly follower: Follower
  readonly cluster: Pick<ClusterWriter, 'delete'>
  /** What helm left: nothing is decided by what the watch showed before. */
  readonly expected: readonly Expectation[]
  /** See podInTheWay. */
  readonly isBack: boolean
  /** Proves that the lock is still held. */
  readonly confirm: () => Promise<void>
  readonly tell: (source: string, text: string) => void
}

/**
 * While StatefulSets are waited for: deletes, one at a time and only the very pod that was seen, the pods for which their
 * controllers would wait for ever. The claims of a pod stay, so no data goes with it.
 */
export function forcePods(
  { follower, cluster, expected, isBack, confirm, tell }: ForcedPods,
  signal: AbortSignal,
): void {
  const sets = expected.filter(({ ref }) => ref.kind === 'StatefulSet')
  const asked = new Set<string>()
  const look = ({ ref, uid, generation }: Expectation): void => {
    const set = follower.cache.get(ref)
    if (set?.metadata.uid !== uid || (set?.metadata.generation ?? 0) < generation || signal.aborted) return
    const pod = set === undefined ? undefined : podInTheWay(set, follower.cache.podsOf(ref), { isBack })
    const own = pod?.metadata.uid
    if (pod === undefined || own === undefined || asked.has(own)) return
    asked.add(own)
    const remove = async (): Promise<void> => {
      await confirm()
      await cluster.delete(refOf(pod), { uid: own, propagation: 'Background' }, signal)
      tell(ref.name, `${nameOf(pod)} is of a revision that was left, and its StatefulSet would wait for it: deleted`)
    }
    remove().catch((error: unknown) => {
      const why = isExpected(error) ? error.message : stackOf(bugOf(error))
      // The set stays as it is, and its stage says so when its time is up; this line says why.
      if (!signal.aborted) tell(ref.name, `${nameOf(pod)} could not be deleted: ${why}`)
    })
  }
  const byKey = new Map(sets.map((one) => [keyOf(one.ref), one]))
  follower.onTouch(
    sets.map(({ ref }) => ref),
    (ref: ObjectRef) => {
      const one = byKey.get(keyOf(ref))
      if (one !== undefined) look(one)
    },
  )
}
