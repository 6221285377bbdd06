import type { StageTargets } from '../../domain/stages/stages.ts'
import { allInOrder } from '../all-in-order.ts'
import type { Follower, FollowPorts } from '../follow.ts'
import type { Connection } from '../phases/ports.ts'
import { readExpectations } from './expectations.ts'
import { forcePods, type ForcedPods } from './forced-pods.ts'
import { createFollower, type Watched } from './watching.ts'

/** A watch of its own around some work: open before it begins, closed whatever becomes of it. */
export async function underWatch<T>(
  context: Watched,
  { clock, tell }: Pick<FollowPorts, 'clock' | 'tell'>,
  stages: readonly StageTargets[],
  signal: AbortSignal,
  work: (follower: Follower) => Promise<T>,
): Promise<T> {
  const follower = createFollower(context, { clock }, stages, signal, tell)
  try {
    await follower.open
    return await work(follower)
  } finally {
    await follower.close()
  }
}

export interface Written extends Omit<ForcedPods, 'expected'> {
  readonly cluster: Pick<Connection, 'list' | 'delete'>
  readonly stages: readonly StageTargets[]
  readonly namespace: string
  /** Keys of what was taken away to be made anew (readExpectations). */
  readonly remade?: ReadonlySet<string>
}

/**
 * After helm: what it left is read, and from then on verdicts count. `beside`: what is proven meanwhile, as after a write an API
 * server answers a list when its cache has caught up; where both fail, the read is told.
 */
export async function judgeWritten(
  { stages, namespace, remade, ...written }: Written,
  signal: AbortSignal,
  beside: readonly Promise<unknown>[] = [],
): Promise<void> {
  const reading = readExpectations(written.cluster, stages, namespace, signal, remade)
  await allInOrder([reading, ...beside])
  const expected = await reading
  forcePods({ ...written, expected }, signal)
  written.follower.released(expected)
}
