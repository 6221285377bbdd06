import type { JournalEntry } from '../journal/model.ts'
import { originOf } from '../journal/target.ts'
import type { LegacyState } from './model.ts'
import { LEGACY_REVISION } from './record.ts'

/** The number of what ran before helm: no deploy has it. */
export const BEFORE_HELM = 0

/** Which migrations stand, the oldest first, and the deploys that have built on them since, newest first. */
export interface Standing {
  readonly migrations: readonly [JournalEntry, ...JournalEntry[]]
  readonly later: readonly JournalEntry[]
}

/**
 * Undefined: none does. One way back takes all of them: a stack may have been migrated release by release. `live`: the deploy that
 * runs. A rollback to the newest migration takes away what was built on it.
 */
export function standingMigration(
  entries: readonly JournalEntry[],
  live: JournalEntry | undefined,
): Standing | undefined {
  const since = sinceHelmCame(entries)
  const [first, ...more] = since.filter(hasAdopted)
  if (first === undefined) return undefined
  const { number: last } = more.at(-1) ?? first
  const isBack = live !== undefined && originOf(live, entries) === last
  const later = since.filter((entry) => !hasAdopted(entry) && !(isBack && entry.number > last)).toReversed()
  return { migrations: [first, ...more], later: later.filter(({ number }) => number > first.number) }
}

/** What a deploy did that is over, and was not taken back; an earlier life of the stack ended where helm's releases did. Oldest first. */
function sinceHelmCame(entries: readonly JournalEntry[]): JournalEntry[] {
  const sorted = entries.toSorted((one, other) => one.number - other.number)
  const end = sorted.findLastIndex(({ state }) => state === 'uninstalled')
  return sorted.slice(end + 1).filter(({ state }) => state !== 'restored')
}

export function hasAdopted({ steps }: Pick<JournalEntry, 'steps'>): boolean {
  return steps.some(({ operation: { op } }) => op === 'adopt')
}

/** What ran before helm was proven to run again, and is taken off helm's hands. */
export function isHandingBack({ steps }: Pick<JournalEntry, 'steps'>): boolean {
  return steps.some(({ operation: { op } }) => op === 'hand-back')
}

/** An undo whose releases lose their marks and records by now: what helm ran cannot come back any more, only what ran before can be completed. */
export function isLeavingHelm(entry: Pick<JournalEntry, 'steps'>): boolean {
  return isHandingBack(entry) && !hasAdopted(entry)
}

/** It was taken over, and not handed back. */
export function isHalfMigrated(entry: Pick<JournalEntry, 'steps'>): boolean {
  const back = entry.steps.filter(({ operation: { op } }) => op === 'hand-back')
  return hasAdopted(entry) && (back.length === 0 || back.some(({ outcome }) => outcome !== 'done'))
}

/** What ran before helm, told as a deploy that can be gone back to. */
export function beforeHelm(migration: JournalEntry, { releases }: Pick<LegacyState, 'releases'>): JournalEntry {
  const { configuration, secrets, project, environment, namespace, startedAt } = migration
  return {
    ...{
      number: BEFORE_HELM,
      project,
      environment,
      namespace,
      startedAt,
      command: '',
      by: '',
      state: 'deployed',
      steps: [],
    },
    releases: releases.map((release) => ({ ...release, revisionAfter: LEGACY_REVISION })),
    secrets: secrets.flatMap(({ revisionBefore, revision, ...rest }) =>
      revisionBefore === undefined || revisionBefore === revision ? [] : [{ ...rest, revision: revisionBefore }],
    ),
    configuration: {
      ...configuration,
      releases: releases.map(({ name }) => ({ name, chart: 'before-helm', values: {} })),
    },
  }
}
