import { describe, expect, test } from '@jest/globals'
import { sameContent } from '../../src/domain/helm/record.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { deploysToPrune, liveDeploy } from '../../src/domain/journal/retention.ts'
import { entry, step } from '../support/journal-entry.ts'

const deployed = (number: number): JournalEntry => entry(number, 'deployed')

describe('what runs', () => {
  const failed = (number: number, steps: readonly string[], left?: 'own' | 'before'): JournalEntry =>
    entry(number, 'failed', {
      releases: [{ name: 'web', namespace: 'n', ...(left === undefined ? {} : { left }) }],
      steps: steps.map((name) => step(name, 'done')),
    })
  test.each<[string, JournalEntry[], number]>([
    ['a failed deploy that stays as it is', [failed(2, ['helm upgrade web'], 'own'), deployed(1)], 2],
    ['not one whose helm failed before its first object', [failed(2, ['helm upgrade web'], 'before'), deployed(1)], 1],
    ['one of an older forge that took nothing back', [failed(2, ['helm upgrade web']), deployed(1)], 2],
    ['not one that was taken back', [failed(2, ['helm upgrade web', 'helm rollback web']), deployed(1)], 1],
    ['a rollback that stays as it is', [failed(3, ['helm rollback web 1']), deployed(2), deployed(1)], 3],
    ['not one that never came to helm', [failed(2, ['secrets']), deployed(1)], 1],
    ['what was restored after it', [entry(3, 'restored'), failed(2, ['helm upgrade web'], 'own'), deployed(1)], 2],
    [
      'what a rollback brought back instead of one that had failed half-way',
      [
        { ...failed(3, ['helm upgrade web', 'helm rollback web'], 'before'), brought: 1 },
        failed(2, ['helm upgrade web'], 'own'),
        deployed(1),
      ],
      1,
    ],
    ['what was deployed after it', [deployed(3), failed(2, ['helm upgrade web'], 'own'), deployed(1)], 3],
  ])('%s', (_, entries, number) => expect(liveDeploy(entries)?.number).toBe(number))

  test('the last that was ready is not forgotten while a failed one runs', () => {
    const entries = [
      ...Array.from({ length: 30 }, (__, at) => failed(at + 2, ['helm upgrade web'], 'own')),
      deployed(1),
    ]
    const numbers = entries.map(({ number }) => number)
    expect(deploysToPrune(numbers, entries)).not.toContain(1)
  })
})

test('a revision has the content of those that it was rolled back to, one after the other', () => {
  const record = (revision: number, description: string) => ({ revision, description })
  const history = [record(4, 'Rollback to 3'), record(3, 'Rollback to 1'), record(2, 'Upgrade complete')]
  expect(history.map((one) => sameContent(one, history))).toEqual([[4, 3, 1], [3, 1], [2]])
})

test('nothing is live after an uninstallation, until the next deploy', () => {
  expect(liveDeploy([entry(2, 'uninstalled'), entry(1, 'deployed')])).toBeUndefined()
  expect(liveDeploy([entry(3, 'deployed'), entry(2, 'uninstalled'), entry(1, 'deployed')])?.number).toBe(3)
})
