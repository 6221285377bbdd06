import type { BackupMade } from '../backup/model.ts'
import type { Checkout } from '../config/checkout.ts'
import type { JournalEntry, JournalRelease } from './model.ts'

/** One deploy as `forge history --json` tells it. Its fields are public. */
export interface DeploySummary {
  readonly number: number
  /** `running`: somebody is at it now; `killed`: it says so, and nobody is. */
  readonly state: JournalEntry['state'] | 'killed'
  readonly live: boolean
  readonly environment: string
  readonly by: string
  readonly command: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly seconds: number | null
  readonly target: number | null
  readonly releases: readonly {
    readonly name: string
    readonly revisionBefore: number | null
    readonly revisionAfter: number | null
    readonly chart: NonNullable<JournalRelease['chart']> | null
    /** Other checkouts that its chart or values were of; left out where there were none. */
    readonly checkouts?: readonly Checkout[]
    readonly images: readonly string[]
    /** The deploy left it as it was. */
    readonly leftOut: boolean
  }[]
  readonly secrets: readonly {
    readonly name: string
    readonly revisionBefore: number | null
    readonly revision: number
  }[]
  /** Left out where there were none. */
  readonly backups?: readonly BackupMade[]
  readonly changes: string | null
  readonly deleted: readonly string[]
  readonly verdict: { readonly code: string; readonly message: string } | null
}

export interface HistoryFacts {
  /** The deploy whose state the environment runs. */
  readonly live: number | undefined
  /** The deploy of whoever holds the lock now. */
  readonly held: number | undefined
}

export function summaryOf(entry: JournalEntry, { live, held }: HistoryFacts): DeploySummary {
  const { number, state, environment, by, command, startedAt, endedAt, target, verdict } = entry
  return {
    number,
    state: state === 'running' && held !== number ? 'killed' : state,
    live: number === live,
    environment,
    by,
    command,
    startedAt,
    endedAt: endedAt ?? null,
    seconds: endedAt === undefined ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    target: target ?? null,
    releases: entry.releases.map(({ name, revisionBefore, revisionAfter, chart, checkouts, images, leftOut }) => ({
      name,
      revisionBefore: revisionBefore ?? null,
      revisionAfter: revisionAfter ?? null,
      chart: chart ?? null,
      ...(checkouts === undefined ? {} : { checkouts }),
      images: images ?? [],
      leftOut: leftOut !== undefined,
    })),
    secrets: entry.secrets.map(({ name, revision, revisionBefore }) => ({
      name,
      revisionBefore: revisionBefore ?? null,
      revision,
    })),
    ...(entry.backups === undefined ? {} : { backups: entry.backups }),
    changes: entry.changes ?? null,
    deleted: entry.deleted ?? [],
    verdict: verdict === undefined ? null : { code: verdict.code, message: verdict.message },
  }
}
