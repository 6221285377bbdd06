import { describe, expect, test } from '@jest/globals'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { entryRows, historyRows } from '../../src/screen/history.ts'
import { entry } from '../support/journal-entry.ts'
import { HERE } from '../support/hints.ts'

test('the table of deploys fits 80 columns and marks what runs', () => {
  const entries = [
    entry(42, 'restored', {
      endedAt: '2026-11-20T12:01:30.000Z',
      by: 'somebody-with-a-long-name@a-long-host',
      releases: [{ name: 'api-forge', namespace: 'n', revisionBefore: 7, revisionAfter: 9 }],
      verdict: { code: 'E_IMAGE_PULL', message: 'x'.repeat(90), chain: [], log: [] },
    }),
    entry(41, 'rolled-back', { target: 39, changes: 'back to #39: app-env LOG_LEVEL' }),
    entry(40, 'running'),
  ]
  const summaries = entries.map((one) => summaryOf(one, { live: 41, held: undefined }))
  const rows = historyRows(summaries, { width: 80, here: HERE, now: Date.parse('2026-11-20T14:00:00Z') })
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80)
  expect(rows).toEqual([
    '    #  WHEN         WHO                  OUTCOME           TOOK  RELEASES',
    '   42  2 hours ago  somebody-with-a-lo…  restored         90.0s  api-forge 7 → 9',
    '       E_IMAGE_PULL',
    `       ${'x'.repeat(72)}…`,
    '*  41  2 hours ago  ops@host             rolled-back #39',
    '       back to #39: app-env LOG_LEVEL',
    '   40  2 hours ago  ops@host             killed',
  ])
})

describe('the table of deploys', () => {
  const screen = { width: 80, here: HERE, now: Date.parse('2026-11-20T14:00:00Z') }
  const ran = (number: number, releases: JournalEntry['releases'], by = 'ops@host') =>
    summaryOf(entry(number, 'deployed', { by, releases }), { live: 2, held: undefined })
  const release = (name: string, ...images: string[]): JournalEntry['releases'][number] => ({
    name,
    namespace: 'n',
    revisionBefore: 1,
    revisionAfter: 2,
    chart: { name: 'api-forge', version: '0.1.0' },
    images,
  })

  test('begins with the images that are others than before, then those of the project', () => {
    const [second, first] = [
      ran(2, [release('api-forge', 'postgres:17', 'redis:7.4', 'x/api-forge-worker:1', 'x/api-forge-app:2')]),
      ran(1, [release('api-forge', 'postgres:17', 'redis:7.2', 'x/api-forge-worker:1', 'x/api-forge-app:1')]),
    ]
    expect(historyRows([second, first], screen)).toEqual([
      '    #  WHEN         WHO       OUTCOME   TOOK  RELEASES',
      '*   2  2 hours ago  ops@host  deployed        api-forge 1 → 2',
      '       api-forge 0.1.0, redis:7.4, api-forge-app:2, api-forge-worker:1, …',
      '    1  2 hours ago  ops@host  deployed        api-forge 1 → 2',
      '       api-forge 0.1.0, api-forge-worker:1, api-forge-app:1, postgres:17, …',
    ])
  })

  test('has releases that do not fit beside a name below, and then the name is whole', () => {
    const releases = ['databases', 'temporal', 'api-forge'].map((name) => release(name))
    expect(historyRows([ran(2, releases, 'a-long-name@a-long-host')], screen)).toEqual([
      '    #  WHEN         WHO                      OUTCOME   TOOK  RELEASES',
      '*   2  2 hours ago  a-long-name@a-long-host  deployed',
      '       databases 1 → 2, temporal 1 → 2, api-forge 1 → 2',
      '       api-forge 0.1.0',
    ])
  })
})

test("helm's reason of several lines is one row of the table, and its own lines where one deploy is shown", () => {
  const verdict = { code: 'E_HELM', message: 'UPGRADE FAILED: 2 errors:\n* one\n* two', chain: [], log: [] }
  const failed = entry(42, 'restored', { verdict })
  const summary = summaryOf(failed, { live: 41, held: undefined })
  const screen = { width: 60, here: HERE, now: Date.parse('2026-11-20T14:00:00Z') }
  expect(historyRows([summary], screen).at(-1)).toBe('       E_HELM  UPGRADE FAILED: 2 errors: * one * two')
  const rows = entryRows(failed, summary, screen)
  expect(rows.slice(rows.findIndex((row) => row.startsWith('verdict'))).slice(0, 4)).toEqual([
    'verdict   UPGRADE FAILED: 2 errors:',
    '          * one',
    '          * two',
    '          E_HELM',
  ])
})
