import type { WentBack } from '../../domain/restore/model.ts'
import type { Applied, AppliedRelease } from '../phases/applied.ts'
import { restoreSecrets } from './restore-secrets.ts'
import { refusingKeys } from '../plan/refusing-keys.ts'
import type { WriteSession } from '../apply/write-session.ts'

/**
 * A first install that failed has no earlier state, except of the Secrets that it overwrote: other pods may use them, so they are
 * restored. What it made stays, with its evidence.
 */
export async function keepFirstInstall(
  fresh: readonly AppliedRelease[],
  context: Applied,
  session: WriteSession,
  signal: AbortSignal,
): Promise<WentBack> {
  const overwritten = context.secretPlans.flatMap(({ name, object, revisionBefore }) =>
    object !== undefined && revisionBefore !== undefined ? name : [],
  )
  const refusing = refusingKeys(context)
  if (overwritten.length > 0 && refusing.length === 0) {
    await session.confirm(signal)
    await restoreSecrets(context, signal)
  }
  return { kind: 'first-install', releases: fresh.map(({ release }) => release.name), overwritten, refusing }
}
