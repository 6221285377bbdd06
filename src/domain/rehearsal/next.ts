import { forge, type Hint } from '../../hint.ts'
import type { Rehearsal } from './model.ts'
import { isGood, isProven, isReached } from './summary.ts'

/** After a rehearsal: the deploy itself (`isManaged`: not by forge), or the first thing that went wrong, once more. */
export function nextAfter(
  rehearsal: Pick<Rehearsal, 'deploy' | 'failures'>,
  environment: string,
  isManaged = false,
): Hint {
  if (isGood(rehearsal)) return forge(isManaged ? 'plan' : 'deploy', '--env', environment)
  const first = isReached(rehearsal.deploy) ? rehearsal.failures.find((one) => !isProven(one)) : undefined
  const [, step] = /^kill-at=(.*)$/su.exec(first?.failure ?? '') ?? []
  const wish = first === undefined ? [] : step === undefined ? ['--fail', first.failure] : ['--kill-at', step]
  return forge('rehearse', '--env', environment, ...wish)
}
