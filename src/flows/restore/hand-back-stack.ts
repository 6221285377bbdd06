import { hasAdopted } from '../../domain/migrate/undo.ts'
import { stateScope } from '../../domain/state-scope.ts'
import { handBack, type HandBack } from '../legacy/hand-back.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { inAnyCase } from '../in-any-case.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'

/**
 * A migration that failed: its releases stand at what ran before helm, and nothing of helm stays. What an earlier one has taken
 * over stays taken over.
 */
export async function handBackStack(
  { cluster, project, number: deploy }: Followed,
  ports: DeployPorts,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  if (!hasAdopted(session.record.entry)) return
  const confirm = async (): Promise<void> => await session.confirm(signal)
  // A journal that cannot be written must not keep the old state from coming back.
  const record: HandBack['record'] = { step: async (...step) => await inAnyCase(session.record.step(...step), ports) }
  await handBack({ cluster, codec: ports.codec, ...stateScope(project), deploy, confirm, record }, signal)
}
