import { describe, expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { withheld, withholds } from '../../src/domain/manifest/came-marks.ts'
import { markPath } from '../../src/domain/manifest/restart-marks.ts'
import { withValues } from '../../src/domain/plan/preserved.ts'
import { standingMigration } from '../../src/domain/migrate/undo.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { forge } from '../../src/hint.ts'
import { targetOf } from '../../src/flows/rollback/target.ts'
import type { Journal } from '../../src/flows/state/journal.ts'
import { entry } from '../support/journal-entry.ts'

function web(annotations?: Readonly<Record<string, string>>): KubeObject {
  const metadata = annotations === undefined ? {} : { annotations }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'p' },
    spec: { template: { metadata } },
  }
}

const FORGES = 'forge.api-forge.io/configmap-web'
const added = [{ path: markPath(FORGES), value: 'a1' }]

describe('restart annotations of pods that ran before helm', () => {
  test("are withheld when a release takes them over: the chart's and forge's own", () => {
    const chart = web({ 'checksum/config': 'c1', team: 'shop' })
    const { marks, came } = withheld(chart, added, web(), [], true)
    expect(withValues(chart, marks)).toEqual(web({ team: 'shop' }))
    expect(came).toEqual([
      { workload: keyOf(web()), mark: 'checksum/config', written: '', came: 'c1' },
      { workload: keyOf(web()), mark: FORGES, written: '', came: 'a1' },
    ])
    expect(withholds(came)).toBe(true)
  })

  test('leave no empty map behind, which would be a change', () => {
    const chart = web({ 'checksum/config': 'c1' })
    expect(withValues(chart, withheld(chart, [], web(), [], true).marks)).toEqual(web())
  })

  test('stay away as long as they say the same, and come with the first other value', () => {
    const known = withheld(web({ 'checksum/config': 'c1' }), added, web(), [], true).came
    const same = withheld(web({ 'checksum/config': 'c1' }), added, web(), known, false)
    expect(same.came).toEqual(known)
    const changed = withheld(
      web({ 'checksum/config': 'c2' }),
      [{ path: markPath(FORGES), value: 'a2' }],
      web(),
      known,
      false,
    )
    expect(changed.came).toEqual([])
    expect(changed.marks).toEqual([{ path: markPath(FORGES), value: 'a2' }])
  })

  test('what the pods have already, and what restarts nothing, is not withheld', () => {
    const chart = web({ 'checksum/config': 'c1', 'prometheus.io/scrape': 'true' })
    expect(withheld(chart, [], web({ 'checksum/config': 'c1' }), [], true)).toEqual({ marks: [], came: [] })
  })

  test('a workload that was not there before gets all of them', () => {
    expect(withheld(web({ 'checksum/config': 'c1' }), added, undefined, [], true)).toEqual({ marks: added, came: [] })
  })
})

describe('the migration that can be undone', () => {
  const adopted: Pick<JournalEntry, 'steps'> = {
    steps: [{ operation: { op: 'adopt', release: 'web' }, outcome: 'done', startedAt: '2026-01-01T00:00:00Z' }],
  }
  const one = (number: number, more: Partial<JournalEntry> = {}): JournalEntry => entry(number, 'deployed', more)
  const standing = (entries: readonly JournalEntry[], live?: JournalEntry): unknown => {
    const found = standingMigration(entries, live)
    if (found === undefined) return undefined
    const [migrations, later] = [found.migrations, found.later].map((all) => all.map(({ number }) => number))
    return [migrations?.length === 1 ? migrations[0] : migrations, later]
  }

  test('is the newest that was not taken back, with what was deployed on it', () => {
    const migration = one(1, adopted)
    expect(standing([one(1)])).toBeUndefined()
    expect(standing([migration], migration)).toEqual([1, []])
    expect(standing([one(2), migration], one(2))).toEqual([1, [2]])
    expect(standing([one(2, { state: 'restored' }), migration], migration)).toEqual([1, []])
    expect(standing([one(1, { ...adopted, state: 'restored' })])).toBeUndefined()
  })

  test('a rollback to it takes away what stood on it', () => {
    const back = one(3, { state: 'rolled-back', target: 1, origin: 1 })
    expect(standing([back, one(2), one(1, adopted)], back)).toEqual([1, []])
  })

  test('release by release: one way back for all, and for what was deployed between them', () => {
    const [first, second] = [one(1, adopted), one(3, adopted)]
    expect(standing([second, first], second)).toEqual([[1, 3], []])
    expect(standing([one(4), second, one(2), first], one(4))).toEqual([
      [1, 3],
      [4, 2],
    ])
    const back = one(5, { state: 'rolled-back', target: 3, origin: 3 })
    expect(standing([back, one(4), second, one(2), first], back)).toEqual([[1, 3], [2]])
    expect(standing([one(4, { state: 'uninstalled' }), second, first])).toBeUndefined()
    expect(standing([one(5, adopted), one(4, { state: 'uninstalled' }), second, first])).toEqual([5, []])
  })

  test('is what a rollback that has nothing else to go back to names', () => {
    const journal = { entries: [one(1, adopted)], unreadable: [], newer: [] } as unknown as Journal
    const scope = { journal, flags: ['--env', 'prod'], environment: 'prod' }
    expect(() => targetOf(scope, undefined)).toThrow(
      expect.objectContaining({
        code: 'E_ROLLBACK_TARGET',
        hint: forge('migrate-to-helm', '--undo', '--env', 'prod'),
      }),
    )
  })

  test('an undone one does not stand', () => {
    expect(standing([one(2, { state: 'uninstalled' }), one(1, adopted)])).toBeUndefined()
  })
})
