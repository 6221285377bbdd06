import { readEntry, writeEntry } from '../journal/format/format.ts'
import type { JournalEntry } from '../journal/model.ts'
import { parseJson } from '../json.ts'
import type { Disguise } from './disguise.ts'

/**
 * An entry of the environment's journal, as stored, without a secret of it. What nobody reads in a sandbox goes: what a page would show
 * of the deploy, its log, the options that were typed. Of a format that this forge cannot read only what is known is replaced.
 */
export function copiedEntry(text: string, disguise: Disguise): string {
  const read = readEntry(text)
  if (read.kind !== 'entry') return JSON.stringify(disguise.known(parseJson(text)))
  const { planned: _planned, times: _times, unknown: _unknown, verdict, ...entry } = read.entry
  return writeEntry(
    disguise.known({
      ...entry,
      command: entry.command.split(' ').slice(0, 2).join(' '),
      configuration: configurationOf(entry, disguise),
      ...(verdict === undefined ? {} : { verdict: { ...verdict, log: [] } }),
    }),
  )
}

function configurationOf(
  { configuration }: Pick<JournalEntry, 'configuration'>,
  disguise: Disguise,
): JournalEntry['configuration'] {
  const releases = configuration.releases.map((one) => ({ ...one, values: disguise.given(one.values) }))
  return { ...configuration, releases }
}
