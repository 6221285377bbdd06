import { documentText } from '../screen/document-text.ts'
import { bugOf, ForgeError } from '../errors.ts'
import { ended, failureRows, tellStack, withOwnStack } from './end-with.ts'
import { failureDocument } from './failure-document.ts'
import type { Session } from './session.ts'

interface Failing extends Pick<Session, 'here' | 'output' | 'json'> {
  /** As oclif names it: `secrets:diff`. */
  readonly command: string
  readonly events?: Session['events'] | undefined
  readonly log?: Session['log'] | undefined
}

/** Ends a run that has no result of its own: the five rows or the document, the stack of a bug, the exit status. */
export async function tellFailure(error: Error, { command, here, output, json, events, log }: Failing): Promise<void> {
  const told = await withOwnStack(bugOf(reasonOf(error)), { here, output })
  const document = failureDocument(told, command.replaceAll(':', ' '), here)
  events?.tell(ended(document))
  const unknown = told.code === 'E_BUG' ? told.with({ now: 'not known: look before you deploy again' }) : told
  const rows = failureRows(unknown, { here, output, log })
  if (json) process.stdout.write(`${documentText(document, output.shown)}\n`)
  else process.stderr.write(`${rows.join('\n')}\n`)
  tellStack(told, { output, json })
  process.exitCode = told.exitStatus
}

/** An abort carries its reason. */
function reasonOf(error: Error): Error {
  return error.cause instanceof ForgeError && error.name === 'AbortError' ? error.cause : error
}
