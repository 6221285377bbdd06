import { isStuck } from '../../domain/recovery/decide.ts'
import { settleRecord } from '../state/release-record.ts'
import { within } from '../state/within.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { inAnyCase } from '../in-any-case.ts'

/** An API server that is gone must not hold up the end of a run. */
const ANSWER_MS = 10_000

/**
 * Whether helm left a release of this run in a pending state, because it was killed or cut off. A release that cannot be read
 * counts, too.
 */
export async function leftStuck(context: Applied, ports: DeployPorts, session: WriteSession): Promise<boolean> {
  const look = async (signal: AbortSignal): Promise<boolean> => {
    const newest = context.releases.map(
      async ({ release: { name, namespace } }) => (await context.cluster.history(name, namespace, signal))[0],
    )
    return (await Promise.all(newest)).some((record) => record !== undefined && isStuck(record))
  }
  return (await inAnyCase(within(ports.clock, ANSWER_MS, session.signal, look), ports)) ?? true
}

/**
 * Marks a revision that helm left pending as failed where nothing is rolled back: else helm would refuse the next deploy. The
 * lock is held and helm has ended, so nobody else writes it. False: it could not be done.
 */
export async function settleStuck(context: Applied, ports: DeployPorts, session: WriteSession): Promise<boolean> {
  const settle = async (signal: AbortSignal): Promise<true> => {
    const { releases, cluster } = context
    for (const { release } of releases) {
      const { name, namespace } = release
      const [newest] = await cluster.history(name, namespace, signal)
      if (newest === undefined || !isStuck(newest)) continue
      await session.confirm(signal)
      const scope = { cluster, codec: ports.codec, release: name, namespace }
      await settleRecord(scope, newest.revision, 'Interrupted: helm was ended in the middle', signal)
    }
    return true
  }
  return (await inAnyCase(within(ports.clock, ANSWER_MS, session.signal, settle), ports)) ?? false
}
