import { stateScope } from '../../domain/state-scope.ts'
import { unlessItFails } from '../../expected.ts'
import { within } from '../state/within.ts'
import { learnSecrets } from '../state/known-secrets.ts'
import type { Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** Logs are not held up for longer. */
const READ_MS = 3000

/**
 * A container that was not restarted may still have, and print, what a Secret held before. Asked for once, and only where a
 * log is about to be shown: a deploy that goes well does without.
 */
export async function learnKept(
  context: Pick<Opened, 'cluster' | 'project' | 'keptSecrets'>,
  { clock, signal, redactor }: Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>,
): Promise<void> {
  const { cluster, project } = context
  const scope = { cluster, ...stateScope(project) }
  // What the log says is worth more than what cannot be asked for: the values of today are masked in any case.
  const read = async (until: AbortSignal): Promise<void> => await learnSecrets(scope, redactor, until)
  await context.keptSecrets.get(async () => {
    await unlessItFails(within(clock, READ_MS, signal, read), () => undefined)
    return undefined
  })
}
