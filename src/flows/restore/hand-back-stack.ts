import { BEFORE_HELM, hasAdopted, standingMigration } from '../../domain/migrate/undo.ts'
import { stateScope } from '../../domain/state-scope.ts'
import { handBack, type HandBack } from '../legacy/hand-back.ts'
import { lendRetired, takeBackLent, type Retired } from '../legacy/retired.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { inAnyCase } from '../in-any-case.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** Before the releases of a migration go back: some of what only the old stack had may be retired by then. */
export async function lendToStack(
  context: Followed,
  ports: DeployPorts,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  if (hasAdopted(session.record.entry)) await lendRetired(legacyOf(context.number, context, ports, session), signal)
}

/**
 * The releases are back. A migration that failed: nothing of helm stays, but what an earlier one has taken over. An undo that failed:
 * nothing of the old stack does.
 */
export async function handBackStack(
  context: Followed,
  ports: DeployPorts,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  if (context.target?.number === BEFORE_HELM) {
    const { migrations = [] } = standingMigration(context.deploys, context.liveEntry) ?? {}
    for (const { number } of migrations) await takeBackLent(legacyOf(number, context, ports, session), signal)
  }
  if (!hasAdopted(session.record.entry)) return
  // A journal that cannot be written must not keep the old state from coming back.
  const record: HandBack['record'] = { step: async (...step) => await inAnyCase(session.record.step(...step), ports) }
  await handBack({ ...legacyOf(context.number, context, ports, session), record }, signal)
}

/** What a migration has kept. `until`: what ends the wait for the lock; not given, the person's signal. */
export function legacyOf(
  deploy: number,
  { cluster, project }: Followed,
  { codec }: DeployPorts,
  session: WriteSession,
  until?: AbortSignal,
): Retired {
  return { cluster, codec, deploy, confirm: async () => await session.confirm(until), ...stateScope(project) }
}
