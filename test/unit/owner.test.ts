import { expect, test } from '@jest/globals'
import type { DeployState, JournalEntry } from '../../src/domain/journal/model.ts'
import { ownerOf } from '../../src/domain/journal/owner.ts'

/** Minutes of one hour. */
const time = (minute: number): string => new Date(Date.UTC(2026, 10, 26, 12, minute)).toISOString()

let serial = 0
const entry = (
  state: DeployState,
  begun: number,
  {
    project = 'mine',
    before = 1,
    name = 'shop',
    leftSince,
  }: { project?: string; before?: number; name?: string; leftSince?: number } = {},
): JournalEntry => ({
  number: ++serial,
  project,
  environment: 'prod',
  namespace: 'ns',
  command: '',
  by: '',
  state,
  startedAt: time(begun),
  ...(state === 'running' ? {} : { endedAt: time(begun + 1) }),
  releases: [
    {
      name,
      namespace: 'ns',
      ...(before === 0 ? {} : { revisionBefore: before }),
      ...(leftSince === undefined ? {} : { leftOut: { deploy: 1, at: time(leftSince) } }),
    },
  ],
  secrets: [],
  configuration: { releases: [], stages: [], verify: [] },
  steps: [],
})
const first = { before: 0 }
const theirs = { project: 'theirs' }

test.each([
  ['helm made it, and forge never deployed here', 5, [], [], 'somebody'],
  ['this project deployed it', 5, [entry('deployed', 5, first)], [], 'own'],
  ['the deploy that installed it was pruned', 5, [entry('deployed', 30)], [], 'own'],
  ['the entry is about another release', 5, [entry('deployed', 5, { name: 'other' })], [], 'somebody'],
  ['a killed first install', 5, [entry('running', 5, first)], [], 'own'],
  ['a first install that failed stays', 5, [entry('failed', 5, first)], [], 'own'],
  ['a fresh release of a deploy that was taken back stays', 5, [entry('restored', 5, first)], [], 'own'],
  [
    'uninstalled by forge, then installed by hand',
    20,
    [entry('deployed', 5, first), entry('uninstalled', 10)],
    [],
    'somebody',
  ],
  ['uninstalled and installed by hand', 20, [entry('deployed', 5, first), entry('deployed', 10)], [], 'somebody'],
  ['uninstalled and deployed again', 20, [entry('uninstalled', 10), entry('deployed', 20, first)], [], 'own'],
  ['another project deployed it', 5, [], [entry('deployed', 5, theirs)], 'project'],
  ['another project took it over', 5, [entry('deployed', 5, first)], [entry('deployed', 10, theirs)], 'project'],
  [
    'and this one took it back',
    5,
    [entry('deployed', 5, first), entry('deployed', 20)],
    [entry('deployed', 10, theirs)],
    'own',
  ],
  ['this one only left it as it was', 5, [entry('deployed', 20, { leftSince: 5 })], [], 'own'],
  [
    'another took it over before this one left it as it was',
    5,
    [entry('deployed', 20, { leftSince: 5 })],
    [entry('deployed', 10, theirs)],
    'project',
  ],
  ['another project tried, and it was taken back', 5, [entry('deployed', 5)], [entry('restored', 10, theirs)], 'own'],
  ['this one tried, and it was taken back', 5, [entry('restored', 10)], [entry('deployed', 5, theirs)], 'project'],
  ['this one tried to adopt it, in vain', 1, [entry('restored', 10)], [], 'somebody'],
  [
    'another project uninstalled it long ago',
    20,
    [entry('deployed', 20, first)],
    [entry('uninstalled', 10, theirs)],
    'own',
  ],
  ['the record does not say when', undefined, [entry('deployed', 5)], [], 'own'],
] as const)('%s', (_, installed, own, others, kind) => {
  const installedAt = installed === undefined ? undefined : time(installed)
  expect(ownerOf({ name: 'shop', namespace: 'ns', installedAt }, own, others).kind).toBe(kind)
})
