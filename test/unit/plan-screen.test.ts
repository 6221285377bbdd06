import { describe, expect, test } from '@jest/globals'
import { plannedObject, HIDDEN, type PlanDocument, type PlannedObject } from '../../src/domain/plan/document.ts'
import { parseSavedPlan } from '../../src/domain/plan/saved.ts'
import { planMarkdown } from '../../src/screen/plan-markdown.ts'
import { planRows } from '../../src/screen/plan.ts'
import { HERE } from '../support/hints.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const APP = 'spec.template.spec.containers[app]'

function one(object: string, action: PlannedObject['action'], more: Partial<ObjectPlan> = {}): PlannedObject {
  const [kind = '', name = ''] = object.split('/')
  return plannedObject({
    ref: { apiVersion: 'v1', kind, name },
    release: 'api-forge',
    action,
    changes: [],
    drift: [],
    conflicts: [],
    template: '',
    ...more,
  })
}

const image = (before: string, after: string) => ({
  path: `${APP}.image`,
  before: `ghcr.io/acme/api-forge-app@sha256:${before}`,
  after: `ghcr.io/acme/api-forge-app@sha256:${after}`,
})

const PLAN: PlanDocument = {
  apiVersion: 'forge/v1',
  kind: 'Plan',
  version: 1,
  project: 'api-forge',
  environment: 'prod',
  namespace: 'api-forge-prod',
  cluster: 'prod-eu',
  createdAt: '2026-11-20T12:00:00Z',
  live: { number: 42, state: 'deployed', at: '2026-11-20T10:00:00Z', by: 'ops@ci' },
  drift: 'report',
  unchanged: false,
  releases: [
    {
      name: 'api-forge',
      revision: 8,
      way: 'apply',
      recordBytes: 30_000,
      volatile: [],
      unrecorded: [],
      schema: { from: 12, to: 13 },
    },
  ],
  objects: [
    one('Deployment/app', 'change', {
      changes: [
        image('1f3c9a2e00', '8be0417d00'),
        { path: `${APP}.resources.limits.memory`, before: '1Gi', after: '2Gi', at: 'values.prod.yaml:31' },
        { path: "spec.template.metadata.annotations.'forge.api-forge.io/configmap-app-env'", before: 'a', after: 'b' },
      ],
    }),
    one('Deployment/worker', 'change', {
      changes: [image('1f3c9a2e00', '8be0417d00')],
      drift: [
        {
          path: 'spec.replicas',
          deployed: 2,
          live: 3,
          manager: 'kubectl',
          time: '2026-11-20T09:14:00Z',
          end: 'kept',
          because: 'forge.yaml:11 preserves it',
        },
      ],
    }),
    one('ConfigMap/app-env', 'change', {
      changes: [{ path: 'data.LOG_LEVEL', before: 'INFO', after: 'DEBUG', at: '.env:14' }],
    }),
    one('Job/temporal-schema-setup-9c1d', 'create', { because: 'migrates schema 12 → 13' }),
    one('Service/app', 'replace', { because: 'spec.clusterIP is fixed' }),
    one('Job/temporal-schema-setup-1f3c', 'delete', { because: 'finished, replaced' }),
    ...Array.from({ length: 27 }, (_, at) => one(`ConfigMap/c${at}`, 'unchanged')),
  ],
  secrets: [{ name: 'app-secrets', action: 'change', keys: ['oidc_google'], revisionBefore: 7, revision: 8 }],
  restarts: [
    { workload: 'app', because: ['image 8be0417d', 'app-env LOG_LEVEL', 'app-secrets oidc_google'] },
    { workload: 'worker', because: ['image 8be0417d'] },
  ],
  left: [],
  definitions: [],
  waits: [],
  jobs: [{ name: 'temporal-schema-setup-9c1d', why: 'new' }],
  images: [],
  room: { needs: { cpu: 1.5, memory: 2.3 * 2 ** 30 }, free: { cpu: 3.1, memory: 9.8 * 2 ** 30 } },
  back: {
    possible: 'until-schema',
    rows: ['until the schema Job runs: yes', 'after it: NO, #42 cannot read schema 13'],
    code: 'E_SCHEMA_GATE',
  },
  losses: [],
  unknownLosses: [],
  notChecked: [],
  warnings: [],
}

const SCREEN = { width: 80, full: false, now: NOW, saved: undefined }

test('the screen of a plan', () => {
  expect(planRows(PLAN, SCREEN, HERE)).toEqual([
    'api-forge → prod   cluster prod-eu   namespace api-forge-prod',
    'live: #42, ready, 2 hours ago, ops@ci',
    '',
    '~ Deployment/app        image   …/api-forge-app@1f3c9a2e → 8be0417d',
    '                        memory  limits 1Gi → 2Gi             values.prod.yaml:31',
    '~ Deployment/worker     image   …/api-forge-app@1f3c9a2e → 8be0417d',
    '~ ConfigMap/app-env     LOG_LEVEL  INFO → DEBUG                          .env:14',
    '+ Job/temporal-schema-setup-9c1d  migrates schema 12 → 13',
    '± Service/app           replaced: spec.clusterIP is fixed',
    '~ Secret/app-secrets    oidc_google  changes (value not shown)           r7 → r8',
    '- Job/temporal-schema-setup-1f3c  finished, replaced',
    '= 27 unchanged',
    '',
    'Drift    Deployment/worker replicas 3 (chart: 2), kubectl, 2 hours ago',
    '         kept: forge.yaml:11 preserves it',
    'Restart  app     image 8be0417d, app-env LOG_LEVEL, app-secrets oidc_google',
    '         worker  image 8be0417d',
    'Jobs     temporal-schema-setup-9c1d  new',
    'Room     needs +1.5 CPU, +2.3Gi during the surge; nodes have 3.1, 9.8Gi',
    'Back     until the schema Job runs: yes',
    '         after it: NO, #42 cannot read schema 13        E_SCHEMA_GATE',
    '',
    '1 replacement, 2 restarts, 1 migration, no data deleted. Nothing was written.',
    'next     forge plan --env prod --out p.json && forge deploy --plan p.json',
  ])
})

describe('the screen', () => {
  test.each([
    [
      'nothing changes',
      { ...PLAN, unchanged: true, objects: [one('ConfigMap/a', 'unchanged')], secrets: [] },
      ['= 1 unchanged', '', 'No changes. Nothing was written.', 'next     forge deploy --env prod'],
    ],
    [
      'a claim goes',
      {
        ...PLAN,
        objects: [one('PersistentVolumeClaim/data', 'delete')],
        losses: [{ name: 'data', object: 'PersistentVolumeClaim/data', what: 'PersistentVolumeClaim/data' }],
      },
      [
        '- PersistentVolumeClaim/data  DELETED, WITH ITS DATA',
        '2 restarts, 1 migration, DATA DELETED: PersistentVolumeClaim/data. Nothing was',
        'written.',
        'next     forge plan --env prod --out p.json && forge deploy --plan p.json \\',
        '         --confirm data',
      ],
    ],
    [
      'a kind may not be read',
      { ...PLAN, objects: [one('Role/a', 'unknown', { notChecked: 'Role may not be read' })] },
      [
        '? Role/a                not checked: Role may not be read',
        'Unknown  Role/a: not checked, Role may not be read',
      ],
    ],
    [
      'drift would be taken back',
      {
        ...PLAN,
        objects: [
          one('Deployment/a', 'change', {
            changes: [{ path: 'spec.replicas', before: 3, after: 1 }],
            drift: [
              { path: 'spec.replicas', deployed: 1, live: 3, manager: 'kubectl', time: undefined, end: 'overwritten' },
            ],
          }),
        ],
      },
      [
        '~ Deployment/a          replicas  3 → 1',
        '         refused: a deploy would overwrite it (drift: refuse)',
        'next     forge deploy --env prod --overwrite-drift',
      ],
    ],
    [
      'texts of several lines change',
      {
        ...PLAN,
        objects: [
          one('ConfigMap/a', 'change', { changes: [{ path: "data.'a.conf'", before: 'a\nb\nc', after: 'a\nB\nc' }] }),
        ],
      },
      ['~ ConfigMap/a           a.conf  +1 -1 lines'],
    ],
  ])('when %s', (_, plan, rows) => expect(planRows(plan, SCREEN, HERE)).toEqual(expect.arrayContaining(rows)))

  test('in full shows whole paths and the lines of a text', () => {
    const plan = {
      ...PLAN,
      objects: [one('ConfigMap/a', 'change', { changes: [{ path: "data.'a.conf'", before: 'a\nb', after: 'a\nB' }] })],
    }
    expect(planRows(plan, { ...SCREEN, full: true }, HERE)).toEqual(
      expect.arrayContaining(["~ ConfigMap/a           data.'a.conf'  +1 -1 lines", '    - b', '    + B']),
    )
  })

  test('is no wider than its terminal, and as wide as it is in a pipe', () => {
    const [path, after, reason] = ['data.NOTE', `${'colour '.repeat(5)}end`, 'checksum/configuration '.repeat(4).trim()]
    const plan = {
      ...PLAN,
      objects: [
        one('ConfigMap/a', 'change', { changes: [{ path, before: 'a', after, at: '--set configMaps.a.NOTE' }] }),
      ],
      restarts: [{ workload: 'app', because: [reason] }],
    }
    const rows = planRows(plan, { ...SCREEN, width: 60 }, HERE)
    expect(rows.slice(2).filter((row) => row.length > 60 && !row.endsWith('written.'))).toEqual([])
    expect(rows).toEqual(
      expect.arrayContaining([
        '~ ConfigMap/a           NOTE    a → colour colour colour',
        '                        colour colour end',
        '                                     --set configMaps.a.NOTE',
        'Restart  app  checksum/configuration checksum/configuration',
        '         checksum/configuration checksum/configuration',
      ]),
    )
    expect(planRows(plan, { ...SCREEN, width: undefined }, HERE)).toEqual(
      expect.arrayContaining([`~ ConfigMap/a           NOTE    a → ${after}  --set configMaps.a.NOTE`]),
    )
  })

  test('as Markdown is a table', () => {
    const rows = planMarkdown(PLAN, SCREEN)
    expect(rows).toContain('| ~ | `ConfigMap/app-env` | `LOG_LEVEL` INFO → DEBUG (`.env:14`) |')
    expect(rows).toContain('| ~ | `Secret/app-secrets` | `oidc_google` (values not shown) |')
  })
})

test('values of Secrets are never in a plan', () => {
  const secret = one('Secret/login', 'change', {
    changes: [
      { path: 'data.password', before: 'b2xk', after: 'bmV3' },
      { path: 'type', before: 'a', after: 'b' },
    ],
  })
  expect(secret.changes).toEqual([
    { path: 'data.password', before: HIDDEN, after: HIDDEN },
    { path: 'type', before: 'a', after: 'b' },
  ])
})

describe('a saved plan', () => {
  test.each([
    ['no JSON', '{', 'syntax'],
    ['another document', '{"kind":"Pod"}', 'syntax'],
    ['another version', '{"kind":"Plan","version":2,"basis":{}}', 'version'],
  ])('that is %s is not taken', (_, text, fault) => expect(parseSavedPlan(text)).toMatchObject({ fault }))
})
