import { createHash } from 'node:crypto'
import { listedOf, type Listed } from '../../src/domain/journal/listed.ts'
import type { DeployState, JournalEntry } from '../../src/domain/journal/model.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { changedIn } from '../../src/screen/history.ts'
import { historyPage, type HistoryPage } from '../../src/screen/web/history-page.ts'
import { STYLE } from '../../src/screen/web/style.ts'
import { entry } from './journal-entry.ts'

const NEWEST = Date.parse('2026-11-28T12:00:00Z')
const DAY = 86_400_000
const STATES: readonly DeployState[] = ['deployed', 'deployed', 'deployed', 'restored', 'deployed', 'rolled-back']

/** An entry of one of `count` deploys, the newest of which has that number. */
export function madeEntry(number: number, count: number): JournalEntry {
  const state = number % 50 === 0 ? 'interrupted' : number % 23 === 0 ? 'failed' : (STATES[number % 6] ?? 'deployed')
  const began = NEWEST - (count - number) * DAY
  const isBad = state === 'restored' || state === 'failed'
  return entry(number, state, {
    ...{ project: 'api-forge', environment: 'prod', namespace: 'api-forge-prod', by: `runner@ci-${number % 3}` },
    startedAt: new Date(began).toISOString(),
    endedAt: new Date(began + 20_000 + (number % 7) * 15_000).toISOString(),
    changes: `app image ${(number * 2_654_435_761).toString(16).slice(0, 8)}, app-env LOG_LEVEL`,
    ...(state === 'rolled-back' ? { target: number - 1 } : {}),
    ...(isBad
      ? { verdict: { code: 'E_CRASH_LOOP', message: 'app cannot start: it exits with status 1', chain: [], log: [] } }
      : {}),
  })
}

/** Newest first. */
export function listed(entries: readonly JournalEntry[], live?: number): Listed {
  const summaries = entries.map((one) => summaryOf(one, { live, held: undefined }))
  return { deploys: summaries.map((one) => listedOf(one, changedIn(one))), more: 0 }
}

export function many(count: number, make: (number: number) => JournalEntry = (one) => madeEntry(one, count)): Listed {
  const entries = Array.from({ length: count }, (_, at) => make(count - at))
  return listed(entries, count - 1)
}

export function indexOf(list: Listed, more: Partial<HistoryPage> = {}): string {
  return historyPage({
    ...{ project: 'api-forge', environment: 'prod', namespace: 'api-forge-prod', ...list, unread: [] },
    fileOf: (number) => `forge-report-api-forge-prod-${number}.html`,
    ...{ version: '0.1.0', now: NEWEST + 3_600_000 },
    styleHash: createHash('sha256').update(STYLE).digest('base64'),
    ...more,
  })
}
