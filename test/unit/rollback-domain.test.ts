import { describe, expect, test } from '@jest/globals'
import { changesLine } from '../../src/screen/changes.ts'
import { writeEntry } from '../../src/domain/journal/format/format.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { canRead, databaseSchemas } from '../../src/domain/journal/schema.ts'
import { defaultTarget, leftBehind } from '../../src/domain/journal/target.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { leftoverJobs } from '../../src/domain/plan/leftover.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'
import { planUninstall } from '../../src/domain/plan/uninstall.ts'
import { unpullable } from '../../src/domain/plan/unpullable.ts'
import { planRestore } from '../../src/domain/secrets/restore.ts'
import { entry, entryIn } from '../support/journal-entry.ts'

const deployed = (number: number): JournalEntry => entry(number, 'deployed')
const back = (number: number, target: number): JournalEntry => entry(number, 'rolled-back', { target })

describe('forge rollback without a number', () => {
  test.each<[string, JournalEntry[], number | undefined]>([
    ['goes to the one before', [entry(2, 'deployed'), entry(1, 'deployed')], 1],
    ['has nowhere to go after the first', [entry(1, 'deployed')], undefined],
    ['passes over failures', [entry(3, 'deployed'), entry(2, 'restored'), entry(1, 'deployed')], 1],
    [
      'leaves a failed one that was not brought back',
      [entry(3, 'failed'), entry(2, 'deployed'), entry(1, 'deployed')],
      2,
    ],
    [
      'knows that a restored one changed nothing',
      [entry(3, 'restored'), entry(2, 'deployed'), entry(1, 'deployed')],
      1,
    ],
    ['goes further back after a rollback', [back(4, 2), deployed(3), deployed(2), deployed(1)], 1],
    ['also after two', [back(6, 2), back(5, 3), deployed(4), deployed(3), deployed(2), deployed(1)], 1],
    ['does not return to what was gone back from', [back(3, 1), deployed(2), deployed(1)], undefined],
    ['nor to what was gone past', [back(4, 1), deployed(3), deployed(2), deployed(1)], undefined],
    ['nor to another rollback to the same', [back(4, 3), back(3, 1), entry(2, 'failed'), deployed(1)], undefined],
    ['goes from a new deploy to what ran before it', [deployed(4), back(3, 1), deployed(2), deployed(1)], 3],
    ['and from there not to the bad ones', [back(5, 3), deployed(4), back(3, 1), deployed(2), deployed(1)], undefined],
    [
      'leaves in its turn what somebody left by a number',
      [back(4, 2), back(3, 1), deployed(2), deployed(1)],
      undefined,
    ],
    ['and goes on behind it', [back(5, 3), back(4, 2), deployed(3), deployed(2), deployed(1)], 1],
    [
      'does not take a rollback that failed for one',
      [entry(4, 'restored', { target: 1 }), deployed(3), deployed(2), deployed(1)],
      2,
    ],
    [
      'leaves a rollback that was not brought back',
      [entry(4, 'failed', { target: 1 }), deployed(3), deployed(2), deployed(1)],
      3,
    ],
    [
      'keeps what ran before a failed one, gone back from or not',
      [back(5, 2), entry(4, 'failed'), back(3, 1), deployed(2), deployed(1)],
      3,
    ],
    ['knows a rollback whose target is forgotten', [deployed(23), back(22, 1)], 22],
    // #4 went back to #1, which is forgotten by now, as is what #6 went back to (#4, and so #1).
    ['goes to nothing that came after a target that is forgotten', [back(4, 1), deployed(3), deployed(2)], undefined],
    [
      'nor after one that the target had gone back to',
      [entry(6, 'rolled-back', { target: 4, origin: 1 }), deployed(5), deployed(3), deployed(2)],
      undefined,
    ],
    [
      'goes back and back',
      [back(7, 2), back(6, 3), back(5, 4), deployed(4), deployed(3), deployed(2), deployed(1)].slice(0, -1),
      undefined,
    ],
    ['may follow an uninstallation', [entry(2, 'uninstalled'), entry(1, 'deployed')], 1],
  ])('%s', (_, entries, target) => expect(defaultTarget(entries)?.number).toBe(target))

  test.each<[string, JournalEntry[], number | undefined]>([
    ['what was gone back from', [back(3, 1), deployed(2), deployed(1)], 2],
    ['the newest of those that were gone past', [back(4, 1), deployed(3), deployed(2), deployed(1)], 3],
    ['not what runs, under whichever number', [back(4, 2), back(3, 1), deployed(2), deployed(1)], 3],
    ['no failure', [back(4, 1), entry(3, 'failed'), deployed(2), deployed(1)], 2],
    ['nothing where nothing else was ready', [deployed(2), entry(1, 'failed')], undefined],
  ])('names, where it has none: %s', (_, entries, target) => expect(leftBehind(entries)?.number).toBe(target))
})

describe('the schema of a database', () => {
  const code = (version: number, oldestReader: number): Partial<JournalEntry> => {
    const schema = { version, oldestReader }
    return { configuration: { releases: [{ name: 'r', chart: 'c', values: {}, schema }], stages: [], verify: [] } }
  }
  const reached = (version: number, oldestReader: number): Partial<JournalEntry> => ({
    releases: [{ name: 'r', namespace: 'n', database: { version, oldestReader } }],
  })
  test.each<[string, JournalEntry[], number | undefined]>([
    ['is what was deployed', [entry(1, 'deployed', code(11, 10))], 11],
    [
      'stays where a rollback goes back',
      [entry(2, 'rolled-back', code(11, 11)), entry(1, 'deployed', code(12, 11))],
      12,
    ],
    ['is not what failed', [entry(2, 'restored', code(13, 13)), entry(1, 'deployed', code(12, 12))], 12],
    [
      'unless its Jobs were through',
      [entry(2, 'failed', { ...code(13, 13), ...reached(13, 13) }), entry(1, 'deployed', code(12, 12))],
      13,
    ],
    [
      'is forgotten with the data',
      [entry(2, 'uninstalled', { deleted: ['data'] }), entry(1, 'deployed', code(12, 12))],
      undefined,
    ],
  ])('%s', (_, entries, version) => expect(databaseSchemas(entries).get('r')?.version).toBe(version))

  test.each([
    [12, { version: 13, oldestReader: 12 }, true],
    [11, { version: 13, oldestReader: 12 }, false],
    [13, { version: 13, oldestReader: 13 }, true],
    [14, { version: 13, oldestReader: 13 }, true],
  ])('code for %i on %o: %s', (version, database, can) =>
    expect(canRead({ version, oldestReader: version }, database)).toBe(can),
  )
})

test('an entry keeps what it says through the cluster, and one of an older forge is read, too', () => {
  const full = entry(7, 'uninstalled', {
    changes: 'app image 1f3c',
    deleted: ['data'],
    releases: [
      {
        name: 'r',
        namespace: 'n',
        chart: { name: 'c', version: '1.0.0', appVersion: '2' },
        images: ['a:1'],
        database: { version: 1, oldestReader: 1 },
      },
    ],
    secrets: [{ name: 's', revision: 2, rules: { k: 'keep' } }],
    configuration: { releases: [], stages: [], verify: [], protected: true },
  })
  expect(entryIn(writeEntry(full))).toEqual(full)
  const odd = { ...full, changes: 1, deleted: 'x', secrets: [{ name: 's', revision: 2, rules: { k: 'burn' } }] }
  expect(entryIn(JSON.stringify(odd))).toMatchObject({ secrets: [{ name: 's', revision: 2 }] })
})

const SECRET = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque' }
const secret = (revision: number, data: Record<string, string>): KubeObject => ({
  ...SECRET,
  metadata: { name: 's', annotations: { 'forge.api-forge.io/revision': String(revision) } },
  data,
})

describe('a secret on its way back', () => {
  const base = { name: 's', revision: 1, lastRevision: 4, rules: {} }
  const wanted = secret(1, { a: 'MQ==', b: 'MQ==' })
  test('has its old number when its content is the old one', () => {
    const { plan } = planRestore({ ...base, wanted, live: secret(3, { a: 'Mg==', b: 'MQ==' }) })
    expect(plan).toMatchObject({ action: 'change', revision: 1, revisionBefore: 3, changedKeys: ['a'], object: wanted })
  })
  test('has a new number when a key stays', () => {
    const rules = { b: 'keep' } as const
    const { plan } = planRestore({ ...base, rules, wanted, live: secret(3, { a: 'Mg==', b: 'Mw==' }) })
    expect(plan).toMatchObject({ revision: 5, changedKeys: ['a'], object: { data: { a: 'MQ==', b: 'Mw==' } } })
    expect(plan.keyRevisions).toEqual({ a: 1, b: 1 })
  })
  test('is left alone when only such a key differs', () => {
    const rules = { b: 'keep' } as const
    const { plan } = planRestore({ ...base, rules, wanted, live: secret(3, { a: 'MQ==', b: 'Mw==' }) })
    expect(plan).toMatchObject({ action: 'unchanged', revision: 3, object: undefined })
  })
  test('is refused for a key that may not go back, and only if that changes', () => {
    const rules = { b: 'refuse' } as const
    const live = (b: string): KubeObject => secret(3, { a: 'Mg==', b })
    expect(planRestore({ ...base, rules, wanted, live: live('Mw==') }).refused).toEqual(['b'])
    expect(planRestore({ ...base, rules, wanted, live: live('MQ==') }).refused).toEqual([])
  })
  test('is made again when somebody deleted it', () => {
    expect(planRestore({ ...base, wanted, live: undefined }).plan).toMatchObject({ action: 'create', object: wanted })
  })
})

const owned = (kind: string, name: string, more: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  ...more,
  metadata: {
    name,
    namespace: 'n',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'r' },
    ...more.metadata,
  },
})

test('an uninstallation knows what is data, what is kept, and what is not its own', () => {
  const kept = { 'meta.helm.sh/release-name': 'r', 'helm.sh/resource-policy': 'keep' }
  const live = [
    owned('ConfigMap', 'c'),
    owned('PersistentVolumeClaim', 'data'),
    owned('ConfigMap', 'precious', { metadata: { name: 'precious', namespace: 'n', annotations: kept } }),
    owned('ConfigMap', 'pinned', { metadata: { name: 'pinned', namespace: 'n', annotations: kept } }),
    owned('ConfigMap', 'foreign', { metadata: { name: 'foreign', namespace: 'n', annotations: {} } }),
    owned('StatefulSet', 'db', { spec: { volumeClaimTemplates: [{ metadata: { name: 'disk' } }] } }),
  ]
  const claim = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'n' },
    spec: { resources: { requests: { storage: '1Gi' } } },
  })
  const claims = [claim('disk-db-0'), claim('disk-db-1'), claim('disk-db-old'), claim('disk-other-0')]
  const byKey = new Map(live.map((one) => [`/${one.kind}/n/${one.metadata.name}`, one]))
  // Somebody has written it on the live object, which helm does not ask.
  const stated = (object: KubeObject): KubeObject =>
    object.metadata.name === 'pinned' ? owned('ConfigMap', 'pinned') : object
  const manifest = live.map((object) => ({ object: stated(object), template: 't' }))
  const plan = planUninstall('r', manifest, { live: byKey, claims, instances: new Map(), deleteData: false })
  expect(plan.goes.map(({ name }) => name)).toEqual(['c', 'db'])
  expect(plan.stays).toEqual(['PersistentVolumeClaim/data', 'ConfigMap/precious', 'ConfigMap/pinned'])
  expect(plan.claims.map(({ name, of }) => [name, of])).toEqual([
    ['data', 'release r'],
    ['disk-db-0', 'StatefulSet/db'],
    ['disk-db-1', 'StatefulSet/db'],
  ])
  expect(plan.endangered.map(({ metadata }) => metadata.name)).toEqual(['data', 'pinned'])
})

test('only finished Jobs that no kept revision renders are left over', () => {
  const done = { status: { conditions: [{ type: 'Complete', status: 'True' }] } }
  const cron = { name: 'of-cron', ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'c', uid: 'u' }] }
  const jobs = [
    owned('Job', 'dead', done),
    owned('Job', 'rendered', done),
    owned('Job', 'running'),
    owned('Job', 'of-cron', { ...done, metadata: cron }),
    owned('Job', 'foreign', { ...done, metadata: { name: 'foreign', annotations: {} } }),
  ]
  const kept = [[{ object: owned('Job', 'rendered'), template: 't' }]]
  expect(leftoverJobs('r', jobs, kept).map(({ metadata }) => metadata.name)).toEqual(['dead'])
})

test('an image that a node could not pull is found by the pod that shows it', () => {
  const pod = (name: string, image: string, reason: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image }] },
    status: { containerStatuses: [{ name: 'main', state: { waiting: { reason } } }] },
  })
  const pods = [
    pod('a', 'x:1', 'ImagePullBackOff'),
    pod('b', 'x:1', 'ErrImagePull'),
    pod('c', 'y:1', 'CrashLoopBackOff'),
  ]
  expect(unpullable(pods, new Set(['x:1', 'y:1']))).toEqual([{ image: 'x:1', pod: 'Pod/a' }])
  expect(unpullable(pods, new Set(['z:1']))).toEqual([])
})

test('what a deploy changed is told in a line', () => {
  const plan = (kind: string, name: string, action: ObjectPlan['action']): ObjectPlan => {
    const nothing = { changes: [], drift: [], conflicts: [], template: '', release: 'r' }
    return { ref: { apiVersion: 'v1', kind, name }, action, ...nothing }
  }
  const plans = [
    plan('Deployment', 'app', 'change'),
    plan('ConfigMap', 'env', 'change'),
    plan('Service', 'web', 'create'),
    plan('Job', 'old', 'delete'),
    plan('ConfigMap', 'same', 'unchanged'),
  ]
  const restarts = [
    {
      workload: 'app',
      ref: { apiVersion: 'v1', kind: 'Deployment', name: 'app' },
      because: ['image 2', 'env LOG'],
      consumed: ['env'],
    },
  ]
  const all = { first: false, target: undefined, plans, restarts, secrets: [{ name: 's', changedKeys: ['a', 'b'] }] }
  expect(changesLine(all)).toBe('image 2, env LOG, s a b, +Service/web, -Job/old')
  expect(changesLine({ ...all, target: 4, restarts: [], secrets: [] })).toMatch(/^back to #4: Deployment\/app, /u)
  expect(changesLine({ ...all, first: true })).toBe('first install of 4 objects')
})
