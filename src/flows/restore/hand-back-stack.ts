import { handBack, type HandBack } from '../legacy/hand-back.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { inAnyCase } from '../in-any-case.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** A migration that failed: its releases stand at what ran before helm, and nothing of helm stays. */
export async function handBackStack(
  { cluster, project, migration }: Followed,
  ports: DeployPorts,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  if (migration === undefined) return
  const confirm = async (): Promise<void> => await session.confirm(signal)
  // A journal that cannot be written must not keep the old state from coming back.
  const record: HandBack['record'] = { step: async (...step) => await inAnyCase(session.record.step(...step), ports) }
  const scope = { project: project.name, namespace: project.environment.namespace }
  await handBack({ cluster, codec: ports.codec, ...scope, confirm, record }, signal)
}
