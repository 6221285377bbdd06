import { describe, expect, test } from '@jest/globals'
import { writeEntry } from '../../src/domain/journal/format/format.ts'
import type { DeployState } from '../../src/domain/journal/model.ts'
import { journalRecord, journalRef, packedEntry } from '../../src/domain/journal/record.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { isReady } from '../../src/domain/status/ready.ts'
import { sentenceOf } from '../../src/screen/status-sentence.ts'
import { openJournal, unreadEntries, type Journal } from '../../src/flows/state/journal.ts'
import { requireKnown } from '../../src/flows/state/require-known.ts'
import { targetOf } from '../../src/flows/rollback/target.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { entry } from '../support/journal-entry.ts'

const scope = { project: 'p', namespace: 'n' }
const never = new AbortController().signal
const pack = (text: string): string => Buffer.from(text).toString('base64')
const codec = {
  pack: async (text: string) => await Promise.resolve(pack(text)),
  unpack: async (packed: string) => await Promise.resolve(Buffer.from(packed, 'base64').toString()),
}
const NEWER = JSON.stringify({ v: 3, needs: '0.9.0', number: 4, state: 'failed' })

function clusterWith(entries: Readonly<Record<number, DeployState | 'newer'>>): FakeApi {
  const api = new FakeApi()
  for (const [number, state] of Object.entries(entries)) {
    const text = state === 'newer' ? NEWER : writeEntry(entry(Number(number), state))
    api.put(journalRecord(scope, Number(number), pack(text)))
  }
  return api
}

async function journalOf(api: FakeApi): Promise<Journal> {
  return await openJournal({ cluster: api, codec, clock: new FakeClock(), redactor: new Redactor(), ...scope }, never)
}

describe('an entry of a newer forge', () => {
  test.each<[string, Readonly<Record<number, DeployState | 'newer'>>, number | undefined]>([
    ['the last', { 3: 'deployed', 4: 'newer' }, 4],
    ['the last that says anything', { 3: 'deployed', 4: 'newer', 5: 'restored', 6: 'failed' }, 4],
    ['the only one', { 4: 'newer' }, 4],
    ['one of two, the later of which counts', { 3: 'newer', 4: 'newer' }, 4],
  ])('hides what runs where it is %s', async (_, entries, number) => {
    const journal = await journalOf(clusterWith(entries))
    expect(journal).toMatchObject({
      concealed: { number },
      live: undefined,
      interrupted: undefined,
      nextNumber: expect.any(Number),
    })
    expect(() => requireKnown(journal, scope, ['--env', 'prod'])).toThrow(
      expect.objectContaining({
        code: 'E_JOURNAL_NEWER',
        exitStatus: 3,
        message: `the journal's entry of #${number ?? 0} cannot be read by this forge: it has format 3 (needs forge 0.9.0 or newer); what runs since is unknown, so nothing is changed`,
      }),
    )
  })

  test('is history once something else was deployed', async () => {
    const journal = await journalOf(clusterWith({ 3: 'deployed', 4: 'newer', 5: 'deployed', 6: 'running' }))
    expect(journal).toMatchObject({ concealed: undefined, live: { number: 5 }, interrupted: { number: 6 } })
    requireKnown(journal, scope, [])
    expect(unreadEntries(journal)).toEqual([
      "the journal's entry of #4 cannot be read by this forge: it has format 3 (needs forge 0.9.0 or newer): what it did is unknown",
    ])
    expect(() => targetOf({ journal, flags: [], environment: 'e' }, 4)).toThrow('needs forge 0.9.0 or newer')
  })

  test('is neither deleted nor written', async () => {
    const states = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [at + 1, 'deployed' as const]))
    const api = clusterWith({ ...states, 4: 'newer' })
    const journal = await journalOf(api)
    const record = await journal.begin(entry(31, 'running'), never)
    await record.finish('deployed')
    await journal.prune(record.entry, never)
    expect(record.number).toBe(31)
    expect(api.names).toHaveLength(21)
    expect(packedEntry(api.see(journalRef(scope, 4)) ?? journalRecord(scope, 0, ''))).toBe(pack(NEWER))
  })

  test('keeps nothing from being called ready that is known to be', () => {
    const seen = { stages: [], missing: [], live: true }
    expect([isReady(seen), isReady({ ...seen, unknown: 'why' })]).toEqual([true, false])
    expect(
      sentenceOf({ project: 'p', environment: 'e', failure: undefined, deployed: true, ...seen, unknown: 'why' }),
    ).toBe('p on e: it is not known what runs: why.')
  })
})

test('what else a forge has put into the Secret of an entry stays', async () => {
  const api = clusterWith({ 1: 'running' })
  const stored = api.see(journalRef(scope, 1))
  if (stored === undefined) throw new Error('it is gone')
  api.put({ ...stored, ['data']: { ...(stored['data'] as object), more: 'eA==' } })
  const journal = await journalOf(api)
  if (journal.interrupted === undefined) throw new Error('nothing was interrupted')
  await journal.resume(journal.interrupted, never).finish('restored')
  expect(api.see(journalRef(scope, 1))?.['data']).toMatchObject({ more: 'eA==' })
  expect((await journalOf(api)).entries[0]?.state).toBe('restored')
})
