import { describe, expect, test } from '@jest/globals'
import { verdictOf } from '../../src/domain/journal/entry.ts'
import type { DeployState, JournalEntry, NewEntry } from '../../src/domain/journal/model.ts'
import { journalRecord, journalRef, packedEntry, packedSize } from '../../src/domain/journal/record.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { ForgeError } from '../../src/errors.ts'
import { openJournal, type Journal } from '../../src/flows/state/journal.ts'
import type { Codec } from '../../src/ports.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'
import { kubectl } from '../../src/hint.ts'
import { entryIn } from '../support/journal-entry.ts'

const scope = { project: 'api-forge', namespace: 'prod' }
const never = new AbortController().signal
/** Without a thread pool: when promises have settled, a write is done. */
const plainCodec: Codec = {
  pack: async (text) => await Promise.resolve(Buffer.from(text).toString('base64')),
  unpack: async (packed) => await Promise.resolve(Buffer.from(packed, 'base64').toString()),
}

const at = { file: 'forge.yaml', line: 1, column: 1 }

const start: NewEntry = {
  environment: 'prod',
  command: 'forge deploy --env prod',
  by: 'ops@ci',
  releases: [{ name: 'api-forge', namespace: 'prod', revisionBefore: 7 }],
  secrets: [{ name: 'app-secrets', revisionBefore: 6, revision: 7 }],
  configuration: {
    releases: [{ name: 'api-forge', chart: '/chart', values: { app: { token: 'hunter2-hunter2' } } }],
    stages: [{ name: 'app', wait: ['Deployment/app'], optional: [], timeoutMs: 1_000, at }],
    verify: [],
  },
}

const UPGRADE = { op: 'upgrade', release: 'api-forge' } as const
const SECRETS = { op: 'write-secrets' } as const

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

class Scene {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()
  readonly redactor = new Redactor()

  async open(floor?: number, isEmpty = false): Promise<Journal> {
    return await openJournal(
      { cluster: this.api, codec: plainCodec, clock: this.clock, redactor: this.redactor, ...scope, floor, isEmpty },
      never,
    )
  }

  async stored(number: number): Promise<JournalEntry | undefined> {
    const record = this.api.see(journalRef(scope, number))
    return entryIn(await plainCodec.unpack(packedEntry(record ?? journalRecord(scope, 0, '')) ?? ''))
  }

  async put(number: number, state: DeployState): Promise<void> {
    const text = JSON.stringify({
      ...start,
      ...scope,
      v: 1,
      number,
      state,
      startedAt: '2026-11-03T12:00:00.000Z',
      steps: [],
    })
    this.api.put(journalRecord(scope, number, await plainCodec.pack(text)))
  }
}

describe('numbers', () => {
  test('the first is 1, found with one list', async () => {
    const scene = new Scene()
    const journal = await scene.open()
    expect(journal).toMatchObject({ nextNumber: 1, entries: [], live: undefined })
    expect(scene.api.requests).toEqual(['list Secret'])
  })

  test('the first in a namespace that was just made is 1, found with no request', async () => {
    const scene = new Scene()
    const journal = await scene.open(undefined, true)
    expect(journal).toMatchObject({ nextNumber: 1, entries: [], live: undefined, interrupted: undefined })
    expect(scene.api.requests).toEqual([])
  })

  test('are one above the highest, even when entries are gone or cannot be read', async () => {
    const scene = new Scene()
    await scene.put(7, 'deployed')
    scene.api.put(journalRecord(scope, 9, 'bm90IGd6aXA='))
    const journal = await scene.open()
    expect(journal).toMatchObject({ nextNumber: 10, unreadable: [9], live: { number: 7 } })
    expect((await scene.open(41)).nextNumber).toBe(42)
  })

  test('a name that is taken by something else is passed over', async () => {
    const scene = new Scene()
    const journal = await scene.open()
    const { name } = journalRef(scope, 1)
    scene.api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'prod' }, data: { entry: 'x' } })
    expect((await journal.begin(start, never)).number).toBe(2)
  })
})

describe('a deploy', () => {
  test('is written down before it begins, as a Secret of its own type', async () => {
    const scene = new Scene()
    const record = await (await scene.open()).begin(start, never)
    expect(record.number).toBe(1)
    expect(scene.api.see(journalRef(scope, 1))).toMatchObject({
      kind: 'Secret',
      type: 'forge.api-forge.io/journal',
      metadata: {
        name: 'forge-journal-api-forge-1',
        labels: { 'forge.api-forge.io/project': 'api-forge', 'forge.api-forge.io/deploy': '1' },
      },
    })
    expect(await scene.stored(1)).toMatchObject({
      number: 1,
      state: 'running',
      startedAt: '2026-11-03T12:00:00.000Z',
      steps: [],
    })
  })

  test('a step that is to run is in the cluster before it runs; its end and the revision follow', async () => {
    const scene = new Scene()
    const record = await (await scene.open()).begin(start, never)
    await record.step(UPGRADE, 'running')
    expect((await scene.stored(1))?.steps).toEqual([
      { operation: UPGRADE, outcome: 'running', startedAt: '2026-11-03T12:00:00.000Z' },
    ])
    await scene.clock.advance(2_000)
    record.release('api-forge', 8)
    await record.step(UPGRADE, 'done', { kind: 'told', text: 'revision 8' })
    await settled()
    expect(await scene.stored(1)).toMatchObject({
      releases: [{ name: 'api-forge', revisionBefore: 7, revisionAfter: 8 }],
      steps: [
        {
          outcome: 'done',
          startedAt: '2026-11-03T12:00:00.000Z',
          endedAt: '2026-11-03T12:00:02.000Z',
          because: { kind: 'told', text: 'revision 8' },
        },
      ],
    })
    await record.finish('deployed')
    expect(await scene.stored(1)).toMatchObject({ state: 'deployed', endedAt: '2026-11-03T12:00:02.000Z' })
    expect(scene.clock.pending).toBe(0)
  })

  test('that failed keeps its verdict, with the last lines of the log', async () => {
    const scene = new Scene()
    const record = await (await scene.open()).begin(start, never)
    await record.step(UPGRADE, 'running')
    const error = new ForgeError('E_CRASH_LOOP', 'app cannot start', {
      hint: kubectl(['logs', 'app']),
      where: '.env:14',
      chain: ['Deployment/app', 'Pod/app-x'],
    })
    await record.finish(
      'restored',
      verdictOf(
        error,
        Array.from({ length: 80 }, (_, n) => `line ${n}`),
      ),
    )
    const entry = await scene.stored(1)
    expect(entry).toMatchObject({
      state: 'restored',
      steps: [{ outcome: 'failed' }],
      verdict: { code: 'E_CRASH_LOOP', where: '.env:14', chain: ['Deployment/app', 'Pod/app-x'] },
    })
    expect(entry?.verdict?.log).toHaveLength(50)
    expect(entry?.verdict?.log.at(-1)).toBe('line 79')
  })

  test('holds no secret value: not in values, details, commands or the verdict; names stay', async () => {
    const scene = new Scene()
    scene.redactor.add('hunter2-hunter2')
    scene.redactor.add('Deployment/app')
    const record = await (
      await scene.open()
    ).begin({ ...start, command: 'forge deploy --set app.token=hunter2-hunter2' }, never)
    await record.step(SECRETS, 'running', { kind: 'told', text: 'with hunter2-hunter2' })
    await record.finish('failed', verdictOf(new Error('bad hunter2-hunter2'), [btoa('hunter2-hunter2')]))
    const text = JSON.stringify(await scene.stored(1))
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain(btoa('hunter2-hunter2'))
    expect((await scene.stored(1))?.configuration.stages[0]?.wait).toEqual(['Deployment/app'])
  })

  test('a step whose end could not be written is made up for by the next write', async () => {
    const scene = new Scene()
    const record = await (await scene.open()).begin(start, never)
    scene.api.refuse('replace', new Error('connection reset'))
    await record.step(SECRETS, 'done')
    await record.step(UPGRADE, 'running')
    expect((await scene.stored(1))?.steps.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      [SECRETS, 'done'],
      [UPGRADE, 'running'],
    ])
  })

  test('an answer that got lost is no conflict', async () => {
    const scene = new Scene()
    const journal = await scene.open()
    scene.api.refuse('replace', new Error('connection reset'), { after: true })
    const record = await journal.begin(start, never)
    await record.step(SECRETS, 'running').catch(() => undefined)
    await record.step(UPGRADE, 'running')
    expect((await scene.stored(1))?.steps).toHaveLength(2)
  })

  test('an entry that somebody deleted is written again; one that somebody else writes is left alone', async () => {
    const scene = new Scene()
    const record = await (await scene.open()).begin(start, never)
    scene.api.remove(journalRef(scope, 1))
    await record.step(SECRETS, 'running')
    expect((await scene.stored(1))?.steps).toHaveLength(1)
    await scene.put(1, 'interrupted')
    await expect(record.finish('deployed')).rejects.toMatchObject({
      code: 'E_LOCK_LOST',
      message: 'somebody else writes the journal of #1',
    })
    expect((await scene.stored(1))?.state).toBe('interrupted')
  })

  test('that was killed is found, and finished by the one that recovers it', async () => {
    const scene = new Scene()
    await scene.put(4, 'deployed')
    await scene.put(5, 'running')
    const journal = await scene.open()
    expect(journal.interrupted?.number).toBe(5)
    if (journal.interrupted === undefined) return
    await journal.resume(journal.interrupted, never).finish('interrupted')
    expect(await scene.stored(5)).toMatchObject({ state: 'interrupted', number: 5 })
  })

  test('the loss of the lock ends all its writes', async () => {
    const scene = new Scene()
    const lost = new AbortController()
    const record = await (await scene.open()).begin(start, lost.signal)
    lost.abort(new Error('lost'))
    await expect(record.step(UPGRADE, 'running')).rejects.toThrow('lost')
    expect((await scene.stored(1))?.steps).toEqual([])
  })

  test('too large for a Secret: the log goes first, then the values', async () => {
    const scene = new Scene()
    // Numbers without a pattern, because gzip would make little of them.
    const noise = (seed: number, count: number): string[] =>
      Array.from({ length: count }, (_, n) => (Math.sin(seed + n) * 1e16).toString(36))
    const big = Object.fromEntries(noise(1, 120_000).map((value, n) => [`k${n}`, value]))
    const configuration = { ...start.configuration, releases: [{ name: 'api-forge', chart: '/chart', values: big }] }
    const record = await (await scene.open()).begin({ ...start, configuration }, never)
    const entry = await scene.stored(1)
    expect(entry).toMatchObject({
      omitted: ['values', 'log'],
      number: record.number,
      configuration: { releases: [{ values: {} }] },
    })
    expect(
      packedSize(packedEntry(scene.api.see(journalRef(scope, 1)) ?? journalRecord(scope, 1, '')) ?? ''),
    ).toBeLessThan(900 * 1024)
  })

  test('after a deploy the old ones are deleted', async () => {
    const scene = new Scene()
    for (const number of numbers(1, 20)) await scene.put(number, 'deployed')
    const journal = await scene.open()
    const record = await journal.begin(start, never)
    await record.finish('deployed')
    const kept = await journal.prune(record.entry, never)
    expect(kept.map(({ number }) => number)).toEqual(numbers(2, 21).reverse())
    expect(scene.api.names).toHaveLength(20)
    expect(scene.api.names).not.toContain('forge-journal-api-forge-1')
  })
})
