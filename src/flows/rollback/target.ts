import type { JournalEntry } from '../../domain/journal/model.ts'
import { keptRange, wasReady } from '../../domain/journal/retention.ts'
import { defaultTarget, leftBehind } from '../../domain/journal/target.ts'
import { hasAdopted } from '../../domain/migrate/undo.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { sameContent } from '../../domain/helm/record.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { unreadText } from '../state/journal.ts'
import type { OpenScope } from '../state/scope.ts'

type Spot = Pick<OpenScope<unknown>, 'journal' | 'flags' | 'environment' | 'absent'>

/** The deploy to go back to: the one that was named, else what ran before the one that runs. Throws E_ROLLBACK_TARGET. */
export function targetOf({ journal, flags, environment, absent }: Spot, number: number | undefined): JournalEntry {
  const { entries, unreadable } = journal
  const target = number === undefined ? defaultTarget(entries) : entries.find((one) => one.number === number)
  if (target !== undefined && wasReady(target)) return target
  const refused = (message: string, hint = forge('history', ...flags)): ForgeError =>
    new ForgeError('E_ROLLBACK_TARGET', message, {
      hint,
      where: number === undefined ? `environment ${environment}` : `#${number}`,
    })
  if (absent !== undefined) throw refused(`${absent}, so there is nothing to go back to`, forge('plan', ...flags))
  if (number === undefined) {
    const left = leftBehind(entries)?.number
    if (left === undefined && entries.some((one) => wasReady(one) && hasAdopted(one)))
      throw refused(
        `before its migration ${environment} was no release: what ran then comes back by --undo`,
        forge('migrate-to-helm', '--undo', ...flags),
      )
    if (left === undefined)
      throw refused(`no other deploy to ${environment} was ever ready, so there is nothing to go back to`)
    throw refused(
      `nothing is left to go back to on ${environment}: #${left} was ready, but a rollback has left it behind`,
      forge('rollback', String(left), ...flags, '--dry-run'),
    )
  }
  if (target !== undefined) throw refused(`#${number} was never ready: it is ${target.state}`)
  if (unreadable.includes(number)) throw refused(unreadText(number, journal))
  throw refused(`there is no deploy #${number}: ${keptRange(entries)}`)
}

/**
 * The helm revision that a deploy made, or a later copy of it: going back to one makes a new one with the same content.
 * Throws E_ROLLBACK_REVISION when helm's limit has taken it away.
 */
export function revisionOf(
  name: string,
  target: JournalEntry,
  history: readonly ReleaseRecord[],
  { flags }: Pick<Spot, 'flags'>,
): ReleaseRecord {
  const wanted = target.releases.find((one) => one.name === name)?.revisionAfter
  const found = wanted === undefined ? undefined : findRevision(wanted, history)
  if (found !== undefined) return found
  const kept =
    history.length === 0
      ? 'helm keeps none'
      : `helm keeps ${history.at(-1)?.revision ?? 0} to ${history[0]?.revision ?? 0}`
  const which = wanted === undefined ? `no revision of ${name} is known of` : `revision ${wanted} of ${name} is gone`
  throw new ForgeError(
    'E_ROLLBACK_REVISION',
    `#${target.number} cannot be gone back to: ${which} (${kept}); deploy the project as it was then, from its checkout`,
    {
      hint: forge('history', ...flags),
      where: `release ${name}`,
    },
  )
}

const USABLE = ['deployed', 'superseded']

function findRevision(wanted: number, history: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  const own = history.find(({ revision, status }) => revision === wanted && USABLE.includes(status))
  if (own !== undefined && own.fault === undefined) return own
  const copy = history.find(
    (record) =>
      record.revision > wanted && USABLE.includes(record.status) && sameContent(record, history).includes(wanted),
  )
  return copy ?? own
}
