import { lastDeployed, sameContent } from '../helm/record.ts'
import type { ReleaseRecord } from '../helm/model.ts'
import type { JournalEntry, JournalRelease, JournalReleaseConfiguration } from './model.ts'

/** A release that a deploy leaves as it is. `history`: helm's records, newest first. */
export interface StandingRelease {
  readonly name: string
  readonly namespace: string
  readonly history: readonly Pick<ReleaseRecord, 'revision' | 'status' | 'description'>[]
}

export interface Carried {
  readonly release: JournalRelease
  readonly configuration: JournalReleaseConfiguration | undefined
}

/** Those that a deploy was to change: the others it found, and left. */
export function ownReleases({ releases }: Pick<JournalEntry, 'releases'>): readonly JournalRelease[] {
  return releases.filter(({ leftOut }) => leftOut === undefined)
}

/** Of the deploy that runs, those which are no part of this one. */
export function otherReleases(live: JournalEntry | undefined, own: readonly string[]): readonly JournalRelease[] {
  return (live?.releases ?? []).filter(({ name }) => !own.includes(name))
}

/**
 * What an entry says of a release that its deploy leaves as it is, so that whoever goes back to it, or takes all away, knows
 * it: what the deploy said that made its revision. `entries`: that which runs first, then the newest. Undefined: it is not
 * installed, or no deploy of this project has made it.
 */
export function carriedRelease(
  { name, namespace, history }: StandingRelease,
  entries: readonly JournalEntry[],
): Carried | undefined {
  const [newest] = history
  if (newest === undefined || newest.status === 'uninstalled') return undefined
  const runs = lastDeployed(history)
  const known = entries.filter(({ releases }) => releases.some((one) => one.name === name))
  const same = runs === undefined ? [] : sameContent(runs, history)
  const made = known.find(({ releases }) =>
    same.includes(releases.find((one) => one.name === name)?.revisionAfter ?? 0),
  )
  const from = made ?? known[0]
  const told = from?.releases.find((one) => one.name === name)
  if (from === undefined || told === undefined) return undefined
  const { chart, images, came, leftOut = { deploy: from.number, at: from.startedAt } } = told
  // A revision that failed is none to go back to.
  const isWhole = newest === runs
  return {
    release: {
      name,
      namespace,
      leftOut,
      revisionBefore: newest.revision,
      ...(isWhole ? { revisionAfter: newest.revision } : {}),
      ...(chart === undefined ? {} : { chart }),
      ...(images === undefined ? {} : { images }),
      ...(came === undefined ? {} : { came }),
    },
    configuration: from.configuration.releases.find((one) => one.name === name),
  }
}
