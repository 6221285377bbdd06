import type { Applied, AppliedRelease } from '../phases/applied.ts'
import { restoreSecrets } from './restore-secrets.ts'
import { refusingKeys } from '../plan/refusing-keys.ts'
import type { RollbackEnd } from './rollback-end.ts'
import type { Run } from '../apply/run.ts'

/**
 * A first install that failed has no earlier state, except of the Secrets that it overwrote: other pods may use them, so they are
 * restored. What it made stays, with its evidence.
 */
export async function keepFirstInstall(
  fresh: readonly AppliedRelease[],
  context: Applied,
  run: Run,
  signal: AbortSignal,
): Promise<RollbackEnd> {
  const names = fresh.map(({ release }) => release.name).join(', ')
  const overwritten = context.secretPlans.filter(
    ({ object, revisionBefore }) => object !== undefined && revisionBefore !== undefined,
  )
  const refusing = refusingKeys(context)
  if (overwritten.length > 0 && refusing.length === 0) {
    await run.confirm(signal)
    await restoreSecrets(context, signal)
  }
  return {
    restored: false,
    now: `${names} was never deployed before, so there is nothing to return to: what was made stays, with its evidence, until the next deploy takes it up${told(overwritten, refusing)}`,
    detail: 'nothing to return to: the first install stays',
  }
}

function told(overwritten: readonly { readonly name: string }[], refusing: readonly string[]): string {
  if (refusing.length > 0) return `; ${refusing.join(', ')} may not go back (rollback: refuse)`
  if (overwritten.length === 0) return ''
  return `; ${overwritten.map(({ name }) => name).join(', ')} ${overwritten.length === 1 ? 'holds' : 'hold'} again what was there before`
}
