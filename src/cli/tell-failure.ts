import { documentText } from '../screen/document-text.ts'
import { bugOf, ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { ended, failureRows, tellStack, withOwnStack } from './end-with.ts'
import { failureDocument } from './failure-document.ts'
import type { Session } from './session.ts'

/** What oclif adds to its errors. */
export interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number }
  readonly parse?: unknown
}

interface Failing extends Pick<Session, 'here' | 'output' | 'json'> {
  /** As oclif names it: `secrets:diff`. */
  readonly command: string
  readonly events?: Session['events'] | undefined
}

/** Ends a run that has no result of its own: the five rows or the document, the stack of a bug, the exit status. */
export async function tellFailure(error: OclifError, { command, here, output, json, events }: Failing): Promise<void> {
  const told = await withOwnStack(bugOf(translate(error, command)), { here, output })
  const document = failureDocument(told, command.replaceAll(':', ' '), here)
  events?.tell(ended(document))
  if (json) process.stdout.write(`${documentText(document, output.shown)}\n`)
  else {
    const unknown = told.code === 'E_BUG' ? told.with({ now: 'not known: look before you deploy again' }) : told
    process.stderr.write(`${failureRows(unknown, { here, output }).join('\n')}\n`)
  }
  tellStack(told, { output, json })
  process.exitCode = told.exitStatus
}

/** oclif's own errors (unknown flag, missing argument) are usage errors; an abort carries its reason. */
function translate(error: OclifError, id: string): Error {
  if (error instanceof ForgeError) return error
  if (error.cause instanceof ForgeError && error.name === 'AbortError') return error.cause
  if (error.parse !== undefined || error.oclif?.exit === 2) {
    const what = sentenceOf(error.message)
    return new ForgeError('E_USAGE', what, {
      hint: forge(...id.split(':').filter((word) => word !== ''), '--help'),
      where: 'command line',
    })
  }
  return error
}

/** Where oclif's first line only announces what follows, the next one belongs to it, or says it all. */
function sentenceOf(message: string): string {
  const [first = message, second = ''] = message.split('\n').map((line) => line.trim())
  if (!first.endsWith(':')) return first
  return first.startsWith('The following') ? second : `${first} ${second}`
}
