import { missedFailure, missedHook } from '../../domain/readiness/missed.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import { forge } from '../../hint.ts'
import type { Clock, Guard } from '../../ports.ts'
import type { Follower } from '../follow.ts'
import type { Followed } from '../phases/applied.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { passes } from '../../time-limit.ts'

/** Longer than an API server takes for any answer (--request-timeout, 60 s): a helm that says nothing waits for a hook. */
export const SILENT_MS = 75_000
/** A PING of HTTP/2 within TLS, with which a connection that only listens is kept; the shortest request is longer. */
const MOST_OF_A_PING = 64

export interface MissedHooks {
  /** Asks `guard`, and remembers that helm has something to say. */
  readonly guard: Guard
  done(): void
}

interface Watch {
  readonly targets: readonly StageTarget[]
  readonly follower: Pick<Follower, 'onTouch' | 'cache'>
  readonly project: Pick<Followed['project'], 'environment'>
}

/**
 * Ends (`cut`) a helm that waits for a hook which was gone before it looked. That a hook is gone does not tell it: helm may be busy with
 * what comes next. That helm sends nothing does not tell it either: it may wait for another hook. Both together do.
 */
export function watchForMissedHooks(
  { targets, follower, project }: Watch,
  clock: Clock,
  guard: Guard,
  cut: (why: unknown) => void,
): MissedHooks {
  const { namespace, name } = project.environment
  const over = new AbortController()
  let saidAt = clock.monotonic()
  let isArmed = false
  const missed = (): StageTarget | undefined => missedHook(targets, follower.cache, namespace)
  const silence = async (): Promise<void> => {
    for (let left = SILENT_MS; left > 0; left = saidAt + SILENT_MS - clock.monotonic())
      if (!(await passes(left, { clock, signal: over.signal }))) return
    isArmed = false
    const target = missed()
    if (target === undefined) return
    const failure = missedFailure(target, follower.cache, namespace, forge('deploy', '--env', name))
    cut(new JudgedFailure({ stage: 'upgrade', target, failure }, []))
  }
  follower.onTouch(targets, () => {
    if (isArmed || over.signal.aborted || missed() === undefined) return
    isArmed = true
    silence().catch(cut)
  })
  return {
    async guard(bytes) {
      if (bytes === undefined || bytes > MOST_OF_A_PING) saidAt = clock.monotonic()
      await guard(bytes)
    },
    done: () => over.abort(),
  }
}
