import { newerText } from '../../domain/journal/newer.ts'
import { journalRef } from '../../domain/journal/record.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Journal } from './journal.ts'
import type { StateScope } from '../../domain/state-scope.ts'

/**
 * Before anything is changed that rests on what runs. `flags`: how a command line names the scope. E_JOURNAL_NEWER where only a
 * newer forge can read what was done last: `refused` throws it, unless it is only looked at.
 */
export function requireKnown(
  { concealed }: Pick<Journal, 'concealed'>,
  scope: StateScope,
  flags: readonly string[],
  refused: (why: ForgeError) => void = thrown,
): void {
  if (concealed === undefined) return
  const where = `Secret/${journalRef(scope, concealed.number).name}, namespace ${scope.namespace}`
  const message = `${unknownSince(concealed)}, so nothing is changed`
  refused(new ForgeError('E_JOURNAL_NEWER', message, { hint: forge('history', ...flags), where }))
}

function thrown(why: ForgeError): never {
  throw why
}

/** The same in a clause, for what only looks. */
export function unknownSince(concealed: NonNullable<Journal['concealed']>): string {
  return `the journal's entry of #${concealed.number} ${newerText(concealed)}; what runs since is unknown`
}
