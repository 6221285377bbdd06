import type { JournalEntry } from '../journal/model.ts'
import { originOf } from '../journal/target.ts'
import type { LegacyState } from './model.ts'
import { LEGACY_REVISION } from './record.ts'

/** The number of what ran before helm: no deploy has it. */
export const BEFORE_HELM = 0

/** Which migration stands, and the deploys that have built on it since, newest first. Undefined: none does. */
export interface Standing {
  readonly migration: JournalEntry
  readonly later: readonly JournalEntry[]
}

/** `live`: the deploy that runs. A rollback to the migration itself takes away what was built on it. */
export function standingMigration(
  entries: readonly JournalEntry[],
  live: JournalEntry | undefined,
): Standing | undefined {
  const migration = entries.find((entry) => entry.state !== 'restored' && hasAdopted(entry))
  if (migration === undefined) return undefined
  const isBack = live !== undefined && originOf(live, entries) === migration.number
  const later = entries.filter(({ number, state }) => number > migration.number && state !== 'restored')
  // It was undone, or all of it was taken away.
  if (later.some(({ state }) => state === 'uninstalled')) return undefined
  return { migration, later: isBack ? [] : later }
}

export function hasAdopted({ steps }: Pick<JournalEntry, 'steps'>): boolean {
  return steps.some(({ operation: { op } }) => op === 'adopt')
}

/** What ran before helm was proven to run again, and is taken off helm's hands. */
export function isHandingBack({ steps }: Pick<JournalEntry, 'steps'>): boolean {
  return steps.some(({ operation: { op } }) => op === 'hand-back')
}

/** What ran before helm, told as a deploy that can be gone back to. */
export function beforeHelm(migration: JournalEntry, { releases }: LegacyState): JournalEntry {
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
