import { newerText } from '../../domain/journal/newer.ts'
import { journalRef } from '../../domain/journal/record.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Journal } from './journal.ts'
import type { StateScope } from '../../domain/state-scope.ts'

/**
 * Before anything is changed that rests on what runs. `flags`: how a command line names the scope. Throws E_JOURNAL_NEWER
 * where only a newer forge can read what was done last.
 */
export function requireKnown(
  { concealed }: Pick<Journal, 'concealed'>,
  scope: StateScope,
  flags: readonly string[],
): void {
  if (concealed === undefined) return
  const { number } = concealed
  throw new ForgeError('E_JOURNAL_NEWER', `${unknownSince(concealed)}, so nothing is changed`, {
    hint: forge('history', ...flags),
    where: `Secret/${journalRef(scope, number).name}, namespace ${scope.namespace}`,
  })
}

/** The same in a clause, for what only looks. */
export function unknownSince(concealed: NonNullable<Journal['concealed']>): string {
  return `the journal's entry of #${concealed.number} ${newerText(concealed)}; what runs since is unknown`
}
