import { describe, expect, test } from '@jest/globals'
import { gzipCodec } from '../../src/adapters/state/gzip.ts'
import { commandOf, publicCommand } from '../../src/domain/journal/command.ts'
import type { DeployState, JournalEntry } from '../../src/domain/journal/model.ts'
import {
  deploysToPrune,
  keptRange,
  interruptedDeploy,
  liveDeploy,
  referredRevisions,
  revisionsToPrune,
} from '../../src/domain/journal/retention.ts'
import { entryIn } from '../support/journal-entry.ts'

describe('reading the first format is tolerant', () => {
  test.each([
    [
      'fields and outcomes of somebody else',
      { v: 1, number: 3, state: 'restored', extra: 1, steps: [{ name: 'x', outcome: 'odd' }] },
      { number: 3, state: 'restored', steps: [{ operation: { op: 'told', text: 'x' }, outcome: 'failed' }] },
    ],
    [
      'next to nothing',
      { number: 3 },
      { number: 3, releases: [], secrets: [], steps: [], configuration: { stages: [] } },
    ],
    [
      'fields of a wrong kind',
      { number: 3, releases: 'x', verdict: 5, configuration: [], secrets: [{ name: 1 }] },
      { number: 3, releases: [], secrets: [] },
    ],
  ])('%s', (_, written, read) => expect(entryIn(JSON.stringify(written))).toMatchObject(read))
  test.each(['', 'null', '[]', '{}', '{"number":"3"}', '{'])('%s is no entry', (text) =>
    expect(entryIn(text)).toBeUndefined(),
  )
})

describe('what is kept', () => {
  const common = {
    project: 'p',
    namespace: 'n',
    environment: 'e',
    command: '',
    by: '',
    releases: [],
    configuration: { releases: [], stages: [], verify: [] },
  }
  const entry = (number: number, state: DeployState, secrets: JournalEntry['secrets'] = []): JournalEntry => {
    return { ...common, number, state, startedAt: '', steps: [], secrets }
  }
  const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

  test.each([
    [[], 'none is kept'],
    [[7], 'only #7 is kept'],
    [[9, 8, 7], 'kept are #7 to #9'],
  ])('%p is told', (all, text) => {
    expect(keptRange(all.map((number) => ({ number })))).toBe(text)
  })

  test('the newest twenty', () => {
    const entries = numbers(1, 25).map((number) => entry(number, 'deployed'))
    expect(deploysToPrune(numbers(1, 25), entries)).toEqual([5, 4, 3, 2, 1])
  })

  test('and what runs, however many failed since', () => {
    const entries = [
      entry(2, 'running'),
      entry(3, 'deployed'),
      ...numbers(4, 30).map((number) => entry(number, 'restored')),
    ]
    expect(deploysToPrune(numbers(1, 30), entries)).not.toContain(3)
    expect(deploysToPrune(numbers(1, 30), entries)).not.toContain(2)
    expect(deploysToPrune(numbers(1, 30), entries)).toContain(1)
    expect(liveDeploy(entries)?.number).toBe(3)
  })

  test.each<[string, JournalEntry[], number | undefined]>([
    ['one that still runs was killed', [entry(1, 'deployed'), entry(2, 'running')], 2],
    ['one that was stopped may be half done', [entry(1, 'deployed'), entry(2, 'interrupted')], 2],
    ['a later deploy has settled it', [entry(2, 'running'), entry(3, 'deployed')], undefined],
    [
      'one that failed was put right by itself',
      [entry(1, 'deployed'), entry(2, 'restored'), entry(3, 'failed')],
      undefined,
    ],
    ['a failed one settles nothing', [entry(2, 'running'), entry(3, 'failed')], 2],
  ])('an interrupted deploy: %s', (_, entries, number) => {
    expect(interruptedDeploy(entries)?.number).toBe(number)
  })

  test('of secrets: what kept deploys refer to, what is live, and five of each', () => {
    const revisions = numbers(1, 12).map((revision) => ({ secret: 'a', revision }))
    const referred = referredRevisions([entry(9, 'deployed', [{ name: 'a', revisionBefore: 2, revision: 3 }])])
    const old = revisionsToPrune([...revisions, { secret: 'b', revision: 1 }], referred, new Map([['a', 5]]))
    expect(old.map(({ revision }) => revision)).toEqual([1, 4, 6, 7])
  })
})

test('packing gives back what it was given', async () => {
  const text = 'ü'.repeat(10_000)
  const packed = await gzipCodec.pack(text)
  expect(packed.length).toBeLessThan(300)
  expect(await gzipCodec.unpack(packed)).toBe(text)
  await expect(gzipCodec.unpack('bm90IGd6aXA=')).rejects.toThrow()
})

test.each([
  ['forge deploy --env prod', 'forge deploy --env prod'],
  ['forge deploy --set app.token=abc def --yes', 'forge deploy --set app.token=••• --yes'],
  ['forge deploy --set=a=b --set c=d=e -e prod', 'forge deploy --set=a=••• --set c=••• -e prod'],
  ['forge deploy --set-json {"a":"b=c d"} --yes', 'forge deploy --set-json ••• --yes'],
  ['forge deploy --set-string=a.b=c', 'forge deploy --set-string=a.b=•••'],
])('%s is shown to others as %s', (typed, shown) => expect(publicCommand(typed)).toBe(shown))

test.each([
  [['deploy', '--env', 'prod'], 'forge deploy --env prod'],
  [['deploy', '--set', 'app.token=abc def', '--yes'], 'forge deploy --set app.token=••• --yes'],
  [['deploy', '--set-json', '{"a": "b=c"}', '--set-json={}'], 'forge deploy --set-json ••• --set-json=•••'],
  [['deploy', '--set-string', 'a=b', '--set-file=a=b'], 'forge deploy --set-string a=••• --set-file=a=•••'],
  [['deploy', '--set=a=b,c=d', '-C', "it's here"], "forge deploy --set=a=••• -C 'it'\\''s here'"],
])('%j is told as a command that a shell takes', (args, shown) => {
  expect(commandOf('forge', args)).toBe(shown)
  expect(publicCommand(shown)).toBe(shown)
})
