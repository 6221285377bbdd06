import { expect, test } from '@jest/globals'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { migrationOf } from '../../src/flows/recovery/inspect.ts'
import type { ReleaseRecord } from '../../src/ports.ts'

const never = new AbortController().signal
const release = { name: 'api', namespace: 'ns', revisionBefore: 8 }

function entry(number: number, schema: { version: number; oldestReader: number } | undefined): JournalEntry {
  return {
    number,
    project: 'api',
    environment: 'prod',
    namespace: 'ns',
    command: 'forge deploy --env prod',
    by: 'ops@ci',
    state: number === 42 ? 'deployed' : 'running',
    startedAt: '2026-11-03T12:00:00.000Z',
    releases: [release],
    secrets: [],
    configuration: {
      releases: [{ name: 'api', chart: '/chart', values: {}, ...(schema === undefined ? {} : { schema }) }],
      stages: [],
      verify: [],
    },
    steps: [],
  }
}

const record = (revision: number, status: string): ReleaseRecord =>
  ({ revision, status, description: '' }) as unknown as ReleaseRecord

const job = (status?: Record<string, unknown>): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate-13', namespace: 'ns' },
  ...(status === undefined ? {} : { status }),
})

const COMPLETE = { conditions: [{ type: 'Complete', status: 'True' }], succeeded: 1 }
const FAILED = { conditions: [{ type: 'Failed', status: 'True' }], failed: 1 }
const OLD = record(8, 'deployed')
const [V12, V13] = [
  { version: 12, oldestReader: 12 },
  { version: 13, oldestReader: 13 },
]
const TOLERANT = { version: 13, oldestReader: 12 }

interface Case {
  readonly before?: typeof V12 | undefined
  readonly after?: typeof V12 | undefined
  readonly history?: readonly ReleaseRecord[]
  /** Undefined: the release has no Job; null: it is not in the cluster. */
  readonly status?: Record<string, unknown> | null
}

test.each<[string, Case, object]>([
  ['a Job that has ended: the code before cannot read it', { status: COMPLETE }, { database: V13, migrated: true }],
  ['a Job that is at it', { status: { active: 1, ready: 1 } }, { database: V13, migrated: true }],
  ['a Job whose pod never began', { status: { active: 1 } }, {}],
  ['a Job that failed', { status: FAILED }, {}],
  ['a Job that helm had not made yet', { status: null }, {}],
  [
    'a schema that the code before can read: noted, and no reason to stay',
    { status: COMPLETE, after: TOLERANT },
    { database: TOLERANT, migrated: false },
  ],
  [
    'code that named no schema is not judged',
    { status: COMPLETE, before: undefined },
    { database: V13, migrated: false },
  ],
  ['a release without a schema', { status: COMPLETE, after: undefined }, {}],
  [
    'without a Job the code migrates when it starts',
    { history: [record(9, 'deployed'), record(8, 'superseded')] },
    { database: V13, migrated: true },
  ],
  ['without a Job, and helm did not come to its end', {}, {}],
  ['without a Job, and helm wrote no revision', { history: [OLD] }, {}],
])('what a deploy that was killed has migrated: %s', async (_, given, expected) => {
  const { status, history = [record(9, 'pending-upgrade'), OLD] } = given
  const [before, after] = ['before' in given ? given.before : V12, 'after' in given ? given.after : V13]
  const live = status === undefined || status === null ? undefined : job(status)
  const rendered = status === undefined ? [] : [{ object: job(), template: '' }]

  const found = await migrationOf(
    { name: 'api', history, rendered, previous: [] },
    release,
    { entry: entry(43, after), before: entry(42, before) },
    { get: async () => await Promise.resolve(live) },
    never,
  )

  expect(found).toEqual(expected)
})
