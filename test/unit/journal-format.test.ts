import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { readEntry, writeEntry } from '../../src/domain/journal/format/format.ts'
import { operationOf } from '../../src/domain/journal/format/v1-steps.ts'
import { leavesOwn } from '../../src/domain/journal/left.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import type { Operation, Reason } from '../../src/domain/journal/operation.ts'
import { interruptedDeploy, liveDeploy, wasReady } from '../../src/domain/journal/retention.ts'
import { defaultTarget } from '../../src/domain/journal/target.ts'
import { decideRecovery } from '../../src/domain/recovery/decide.ts'
import { foreignPending, strandedDeploy } from '../../src/domain/recovery/foreign.ts'
import { operationText, reasonText, stepDetail } from '../../src/screen/operation.ts'
import { again, forge, kubectl, sequence } from '../../src/hint.ts'
import { entry, entryIn } from '../support/journal-entry.ts'
import { entriesOf, historiesOf, LEFT, type LeftBehind } from '../support/journal-fixture.ts'

async function told(name: LeftBehind): Promise<JournalEntry[]> {
  return (await entriesOf('v1', name)).map((text) => {
    const found = entryIn(text)
    if (found === undefined) throw new Error(`an entry of ${name} cannot be read:\n${text}`)
    return found
  })
}

/** All that is concluded from a journal and helm's records. */
async function conclusions(name: LeftBehind, entries: readonly JournalEntry[]): Promise<unknown> {
  const histories = await historiesOf('v1', name)
  const open = interruptedDeploy(entries)
  const releases = (entries[0]?.releases ?? []).map(({ name: release, namespace }) => {
    return { name: release, namespace, history: histories.get(release) ?? [], runningJobs: [], missing: [] }
  })
  const secrets = new Map([['shared-secret', 5]])
  const recovery =
    open === undefined ? undefined : decideRecovery({ entry: open, live: 1, releases, secrets, ready: false })
  return {
    live: liveDeploy(entries)?.number,
    interrupted: open?.number,
    target: defaultTarget(entries)?.number,
    own: entries.filter((one) => !wasReady(one) && leavesOwn(one)).map(({ number }) => number),
    stranded: strandedDeploy(entries[0], releases)?.number,
    foreign: foreignPending(releases, open).map(({ release }) => release),
    end: recovery?.end,
    actions: recovery?.actions.map((one) => `${one.kind} ${'release' in one ? one.release : one.secret}`),
  }
}

/** As the forge concluded that wrote it. */
const CONCLUDED: Readonly<Record<LeftBehind, unknown>> = {
  history: {
    live: 8,
    interrupted: 9,
    target: 8,
    own: [9, 7],
    foreign: [],
    end: 'restored',
    actions: ['restore-secret shared-secret', 'settle top', 'roll-back top', 'roll-back base'],
  },
  'rollback-cut': {
    live: 2,
    interrupted: 3,
    target: 2,
    own: [3],
    foreign: [],
    end: 'restored',
    actions: ['settle top', 'roll-back top'],
  },
  'uninstall-cut': {
    live: 2,
    interrupted: 4,
    target: 2,
    own: [],
    foreign: [],
    end: 'partly',
    actions: ['settle top'],
  },
  uninstalled: { target: 2, own: [], foreign: [] },
}

describe('what the first format said', () => {
  test.each(LEFT)('of %s is concluded from it still', async (name) => {
    expect(await conclusions(name, await told(name))).toEqual(CONCLUDED[name])
  })

  test.each(LEFT)('of %s is stored in the newest format without a loss', async (name) => {
    const before = await told(name)
    expect(before.map((one) => entryIn(writeEntry(one)))).toEqual(before)
    expect(before.flatMap(({ steps }) => steps).filter(({ operation: { op } }) => op === 'told')).toEqual([])
  })
})

describe('words', () => {
  /** The same deploy, told in other words. */
  const retold = (one: JournalEntry): JournalEntry => ({
    ...one,
    command: '???',
    changes: '???',
    steps: one.steps.map((step) => ({ ...step, because: { kind: 'told', text: 'helm rollback top' } })),
    ...(one.verdict === undefined
      ? {}
      : { verdict: { ...one.verdict, message: 'helm uninstall top', chain: ['helm upgrade base'], log: ['???'] } }),
  })

  test.each(LEFT)('decide nothing: %s', async (name) => {
    expect(await conclusions(name, (await told(name)).map(retold))).toEqual(CONCLUDED[name])
  })

  test.each([
    'journal/left.ts',
    'journal/owner.ts',
    'journal/retention.ts',
    'journal/target.ts',
    'recovery/decide.ts',
    'recovery/foreign.ts',
    'definitions/written.ts',
  ])('are nothing that %s, or what it is made of, knows', async (file) => {
    const files = await importedBy(new URL(`../../src/domain/${file}`, import.meta.url))
    expect(files.filter((one) => /\/screen\/|\/describe\.ts$/u.test(one))).toEqual([])
  })
})

/** All that a module loads, types left out. */
async function importedBy(from: URL, known = new Set<string>()): Promise<string[]> {
  if (known.has(from.href)) return []
  known.add(from.href)
  const text = await readFile(from, 'utf8')
  for (const [, path = ''] of text.matchAll(/^(?:import (?!type )|\} )[^;]*?from '(\.[^']+)'/gmu))
    await importedBy(new URL(path, from), known)
  return [...known]
}

const OPERATIONS: readonly Operation[] = [
  { op: 'write-secrets' },
  { op: 'delete-claims' },
  { op: 'upgrade', release: 'a' },
  { op: 'uninstall', release: 'a' },
  { op: 'return', release: 'a' },
  { op: 'rollback', release: 'a', to: 3 },
  { op: 'restore-secret', secret: 's', to: 2 },
  { op: 'mend-record', release: 'a', revision: 4 },
  { op: 'settle-record', release: 'a', revision: 4 },
  { op: 'write-definitions', release: 'a', names: ['cups.example.test', 'pots.example.test'] },
  { op: 'take-back', kind: 'CustomResourceDefinition', name: 'cups.example.test' },
  { op: 'told', text: 'something else' },
]
const REASONS: readonly Reason[] = [
  { kind: 'migration-runs' },
  { kind: 'never-proven', revision: 4 },
  { kind: 'taken-away', objects: ['Deployment/web'] },
  { kind: 'told', text: 'because' },
]

test.each(OPERATIONS)('$op was said in the first format as it is said on the screen', (operation) => {
  expect(operationOf(operationText(operation), stepDetail(operation, undefined))).toEqual(operation)
})

test('every operation, reason and hint is stored', () => {
  const steps = OPERATIONS.map((operation, at) => {
    const because = REASONS[at]
    return { operation, outcome: 'done' as const, startedAt: 'x', ...(because === undefined ? {} : { because }) }
  })
  const hint = sequence(kubectl(['get', 'pods'], 'n'), forge('deploy'))
  const verdict = { code: 'E_HELM', message: 'm', chain: ['c'], hint, log: [] }
  const full = entry(7, 'failed', { steps, verdict })
  expect(entryIn(writeEntry(full))).toEqual(full)
  const { hint: _hint, ...rest } = verdict
  // Nobody knows later what was typed.
  for (const typed of [again('--yes'), sequence(forge('deploy'), again('--yes'))])
    expect(entryIn(writeEntry({ ...full, verdict: { ...verdict, hint: typed } }))?.verdict).toEqual(rest)
  for (const reason of REASONS) expect(reasonText(reason)).not.toBe('')
})

describe('an entry of somebody else', () => {
  const document = (more: object): string =>
    JSON.stringify({ ...JSON.parse(writeEntry(entry(7, 'deployed'))), ...more })
  const step = { op: 'upgrade', release: 'a', outcome: 'done', startedAt: 'x' }

  test.each<[string, object, object]>([
    ['a later format', { v: 3, needs: '0.9.0' }, { kind: 'newer', format: 3, needs: '0.9.0' }],
    ['one that does not say what it needs', { v: 3, needs: 7 }, { kind: 'newer', format: 3, needs: null }],
    ['one of which nothing else is known', { v: 9, number: 'x', steps: 5 }, { kind: 'newer', format: 9 }],
    ['a format that never was', { v: 0 }, { kind: 'garbled' }],
    ['a format that is no number', { v: '2' }, { kind: 'garbled' }],
    ['a state that this format does not have', { state: 'asleep' }, { kind: 'garbled' }],
    ['the same in the first format', { v: 1, state: 'asleep' }, { kind: 'garbled' }],
    ['an operation that it does not have', { steps: [{ ...step, op: 'dance' }] }, { kind: 'garbled' }],
    ['an upgrade of nothing', { steps: [{ ...step, release: undefined }] }, { kind: 'garbled' }],
    ['releases that are none', { releases: 'x' }, { kind: 'garbled' }],
    ['a number that is a text', { number: '7' }, { kind: 'garbled' }],
    ['a check that is none', { configuration: { releases: [], stages: [], verify: [{}] } }, { kind: 'garbled' }],
  ])('is %s', (_, more, read) => expect(readEntry(document(more))).toMatchObject(read))

  test.each([1, 2])('of format %i keeps what only another forge knows, wherever it is', (v) => {
    const at = { file: 'f', line: 1, column: 1, byte: 3 }
    const text = document({
      v,
      ...(v === 1 ? { needs: undefined } : {}),
      mood: 'good',
      releases: [{ name: 'a', namespace: 'n', revisionBefore: 1, weight: 3, leftOut: { deploy: 1, at: 'x', by: 'y' } }],
      secrets: [{ name: 's', revision: 1, age: 7 }],
      configuration: {
        releases: [{ name: 'a', chart: './c', values: { any: { thing: 1 } }, tests: true }],
        stages: [{ name: 's', wait: [], optional: [], timeoutMs: 1, at, rules: { settleMs: 1, naps: 2 } }],
        verify: [],
        colour: 'red',
      },
      steps: [v === 1 ? { name: 'helm upgrade a', outcome: 'running', startedAt: 'x', cost: 1 } : { ...step, cost: 1 }],
      verdict: { code: 'E_BUG', message: 'm', chain: [], log: [], blame: { who: 'me' } },
    })
    const read = entryIn(text)
    if (read === undefined) throw new Error('it cannot be read')
    const changed = {
      ...read,
      releases: read.releases.map((one) => ({ ...one, revisionAfter: 2 })),
      steps: [...read.steps, { operation: { op: 'write-secrets' as const }, outcome: 'done' as const, startedAt: 'z' }],
    }
    const stored = JSON.parse(writeEntry(changed)) as Record<string, unknown>
    expect(stored).toMatchObject({
      v: 2,
      mood: 'good',
      releases: [{ name: 'a', revisionBefore: 1, revisionAfter: 2, weight: 3, leftOut: { deploy: 1, by: 'y' } }],
      secrets: [{ name: 's', age: 7 }],
      configuration: {
        releases: [{ name: 'a', values: { any: { thing: 1 } }, tests: true }],
        stages: [{ at: { file: 'f', byte: 3 }, rules: { settleMs: 1, naps: 2 } }],
        colour: 'red',
      },
      steps: [{ op: 'upgrade', release: 'a', cost: 1 }, { op: 'write-secrets' }],
      verdict: { code: 'E_BUG', blame: { who: 'me' } },
    })
    const reread = entryIn(JSON.stringify(stored))
    expect(JSON.parse(writeEntry(reread ?? read))).toEqual(stored)
  })
})
