import { expect, test } from '@jest/globals'
import { kubectl, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import type { Manifest, Small } from '../support/small.ts'
import { deployed, refused } from '../support/small-deployed.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'

interface Policy {
  readonly whenDeleted?: 'Delete' | 'Retain'
  readonly whenScaled?: 'Delete' | 'Retain'
}

interface Database {
  readonly name?: string
  readonly replicas?: number
  readonly image?: string
  readonly policy?: Policy
}

function db({ name = 'db', replicas = 1, image = 'example.test/db:1', policy = {} }: Database = {}): Manifest {
  const set = sample.statefulSet(name, 'db')
  const spec = set['spec'] as { template: { metadata: object; spec: { containers: object[] } } }
  const probe = { readinessProbe: { httpGet: { path: '/', port: 80 } } }
  const containers = spec.template.spec.containers.map((one) => ({ ...one, image, ...probe }))
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
  return { ...set, spec: { ...spec, template, replicas, persistentVolumeClaimRetentionPolicy: policy } }
}

const SERVICE = sample.service('db')

async function claims({ namespace }: Small): Promise<string[]> {
  const found = await objects('persistentvolumeclaims', namespace)
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
}

async function until(small: Small, names: readonly string[]): Promise<void> {
  while (JSON.stringify(await claims(small)) !== JSON.stringify(names))
    await new Promise((resolve) => setTimeout(resolve, 200))
}

async function deploys(small: Small, ...flags: string[]): Promise<void> {
  const { status, report } = await small.deploy(...flags)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
}

async function uninstalls(small: Small, ...flags: string[]): Promise<{ status: unknown; report: UninstallReport }> {
  const ran = await small.run('uninstall', ['--json', ...flags])
  return { status: ran.status, report: document<UninstallReport>(ran) }
}

test('a StatefulSet that shrinks loses claims by its policy only where that is confirmed', async () => {
  const policy = { whenScaled: 'Delete' } as const
  const small = await deployed('shrink', 4, [SERVICE, db({ replicas: 1, policy })])
  await small.render([SERVICE, db({ replicas: 3, policy })])
  await deploys(small)
  await small.render([SERVICE, db({ replicas: 2, policy })])
  expect((await small.plan()).losses).toEqual([
    {
      name: 'db',
      object: 'StatefulSet/db',
      what: 'claims of StatefulSet/db',
      which: 'data-db-2, scaled 3 → 2',
      reclaim: 'Delete',
    },
  ])
  const report = await refused(small, 'E_DATA_LOSS', '--yes')
  expect(report.verdict?.hint).toMatch(/^forge deploy .*--confirm db$/u)
  expect(await claims(small)).toEqual(['data-db-0', 'data-db-1', 'data-db-2'])
  await deploys(small, '--confirm', 'db')
  await until(small, ['data-db-0', 'data-db-1'])

  const back = document<DeployReport>(await small.run('rollback', ['1', '--yes', '--json']))
  expect(back).toMatchObject({ outcome: 'refused', verdict: { code: 'E_DATA_LOSS' } })
  expect(back.verdict?.hint).toMatch(/^forge rollback .*--confirm db$/u)
  const agreed = document<DeployReport>(await small.run('rollback', ['1', '--yes', '--confirm', 'db', '--json']))
  expect(agreed).toMatchObject({ outcome: 'rolled-back', verdict: null })
  await until(small, ['data-db-0'])
})

test.each([3, 4] as const)(
  'an automatic rollback that shrinks a StatefulSet keeps its claims (helm %i)',
  async (helm) => {
    const policy = { whenScaled: 'Delete' } as const
    const small = await deployed(`taken${helm}`, helm, [SERVICE, db({ policy }), sample.web({ probe: true })])
    await small.render([SERVICE, db({ replicas: 2, policy }), sample.web({ image: 'none.invalid/web:2' })])
    const ran = await small.run('deploy', [])
    expect({ status: ran.status, now: /^now +(.*)$/mu.exec(ran.stderr)?.[1] }).toEqual({
      status: 4,
      now: 'test runs #1 again, proven; the claims of StatefulSet/db stay (whenScaled: Retain, until the next deploy)',
    })
    expect(await object('statefulset', 'db', small.namespace)).toMatchObject({ spec: { replicas: 1 } })
    expect(await claims(small)).toEqual(['data-db-0', 'data-db-1'])
    await small.render([SERVICE, db({ policy }), sample.web({ probe: true })])
    await deploys(small)
    expect(await claims(small)).toEqual(['data-db-0', 'data-db-1'])
  },
)

test('an automatic rollback deletes no claim that a new StatefulSet has taken over', async () => {
  const small = await deployed('over', 4, [SERVICE, db()])
  await small.render([SERVICE])
  await deploys(small)
  await small.render([SERVICE, db({ policy: { whenDeleted: 'Delete' }, image: 'none.invalid/db:2' })])
  const why = 'going back would delete data-db-0, which was there before (StatefulSet/db, whenDeleted: Delete)'
  expect((await small.plan()).back).toMatchObject({ possible: 'no', rows: [`no: ${why}`] })
  const ran = await small.run('deploy', [])
  expect({ status: ran.status, now: /^now +(.*)$/mu.exec(ran.stderr)?.[1] }).toEqual({
    status: 5,
    now: `${why}: nothing was rolled back, what was deployed stays as it is`,
  })
  expect(await claims(small)).toEqual(['data-db-0'])
})

test.each([
  ['is removed', [SERVICE]],
  ['is renamed', [SERVICE, db({ name: 'store', policy: { whenDeleted: 'Delete' } })]],
])('a StatefulSet that %s takes its claims along only where that is confirmed', async (_, next) => {
  const small = await deployed('whendeleted', 4, [SERVICE, db({ policy: { whenDeleted: 'Delete' } })])
  await small.render(next)
  const report = await refused(small, 'E_DATA_LOSS', '--yes')
  expect(report.verdict?.message).toContain('the claims of StatefulSet/db (data-db-0; volume deleted)')
  await deploys(small, '--confirm', 'db')
  const kept = next.length === 1 ? [] : ['data-store-0']
  await until(small, kept)
})

test('a StatefulSet that is made anew keeps its claims', async () => {
  const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const
  const small = await deployed('anew', 4, [SERVICE, db({ replicas: 2, policy })])
  const set = db({ replicas: 2, policy })
  await small.render([SERVICE, { ...set, spec: { ...(set['spec'] as object), podManagementPolicy: 'Parallel' } }])
  expect(await small.plan()).toMatchObject({ losses: [], unknownLosses: [] })
  await deploys(small)
  expect(await claims(small)).toEqual(['data-db-0', 'data-db-1'])
})

/** A definition that the chart renders, an instance of it, and a claim that the instance owns, as an operator makes it. */
async function operated(prefix: string): Promise<{ small: Small; thing: Manifest; definition: Manifest }> {
  const small = await deployed(prefix, 4, [SERVICE])
  const group = `${small.namespace}.example.test`
  const definition = sample.definition(group, ['size'])
  const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'main' }, spec: { size: '1' } }
  await small.render([SERVICE, definition])
  await deploys(small)
  await small.render([SERVICE, definition, thing])
  await deploys(small)
  const live = await object(`things.${group}`, 'main', small.namespace)
  const claim = sample.claim('main-1', '1Gi')
  const ownerReferences = [
    { apiVersion: thing.apiVersion, kind: 'Thing', name: 'main', uid: live?.metadata.uid, controller: true },
  ]
  const spec = { ...(claim['spec'] as object), volumeName: `disk-of-${small.namespace}` }
  const metadata = { ...claim.metadata, ownerReferences }
  await kubectl(['apply', '-n', small.namespace, '-f', '-'], JSON.stringify({ ...claim, metadata, spec }))
  return { small, thing, definition }
}

test('claims that a custom resource owns, and instances of a definition, are named before they go', async () => {
  const { small, definition } = await operated('operated')
  await small.render([SERVICE, definition])
  const owned = 'the claims of Thing/main (main-1; volume unknown)'
  expect((await refused(small, 'E_DATA_LOSS')).verdict?.message).toContain(owned)
  await small.render([SERVICE])
  const report = await refused(small, 'E_DATA_LOSS', '--confirm', 'main')
  expect(report.verdict?.message).toContain(`CustomResourceDefinition/${definition.metadata.name}`)
  expect(report.verdict?.message).toContain(`${small.namespace}/main`)
  const { status, report: away } = await uninstalls(small, '--yes')
  expect({ status, code: away.verdict?.code, message: away.verdict?.message }).toEqual({
    status: 3,
    code: 'E_CONFIRM_NAME',
    message: expect.stringContaining(owned),
  })
  const gone = await uninstalls(small, '--yes', '--confirm', 'test')
  expect(gone).toMatchObject({ status: 0, report: { outcome: 'uninstalled' } })
  expect(gone.report.claims).toMatchObject([{ name: 'main-1', of: 'Thing/main', deleted: true }])
  expect(gone.report.kept).toEqual([`CustomResourceDefinition/${definition.metadata.name}`])
  await until(small, [])
  await kubectl(['delete', 'customresourcedefinition', definition.metadata.name])
})

const hook = (name: string, event: string): Manifest => {
  const job = sample.job(name, 'example.test/job:1')
  const metadata = { ...job.metadata, annotations: { 'helm.sh/hook': event } }
  return { ...job, metadata }
}

test.each([3, 4] as const)(
  'uninstall names hooks, keeps the password of what stays, and asks for what goes (helm %i)',
  async (helm) => {
    const password = sample.secret('password', { password: 'correct-horse-battery' })
    const set = db()
    const spec = set['spec'] as { template: { spec: { containers: object[] } } }
    const envFrom = [{ secretRef: { name: 'password' } }]
    spec.template.spec.containers = spec.template.spec.containers.map((one) => ({ ...one, envFrom }))
    const other = sample.secret('other', { key: 'of-somebody-else' })
    const small = await deployed(`locked${helm}`, helm, [SERVICE, password, other, set, hook('backup', 'pre-delete')])

    const planned = await small.run('uninstall', ['--dry-run'])
    expect(planned.stdout.split('\n')).toEqual(
      expect.arrayContaining([
        '+ Job/backup runs, as the hook pre-delete',
        '= Secret/password stays: the data of PersistentVolumeClaim/data-db-0 may be locked without it',
      ]),
    )
    const { status, report } = await uninstalls(small, '--yes')
    expect({ status, outcome: report.outcome, kept: report.kept, losses: report.losses }).toEqual({
      status: 0,
      outcome: 'uninstalled',
      kept: ['Secret/password'],
      losses: [],
    })
    expect(await object('secret', 'password', small.namespace)).toBeDefined()
    expect(await object('secret', 'other', small.namespace)).toBeUndefined()
    expect(await claims(small)).toEqual(['data-db-0'])
  },
)

test('uninstall asks before a StatefulSet takes its claims along', async () => {
  const small = await deployed('away', 4, [SERVICE, db({ policy: { whenDeleted: 'Delete' } })])
  const { status, report } = await uninstalls(small, '--yes')
  expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_CONFIRM_NAME' })
  expect(await claims(small)).toEqual(['data-db-0'])
  const agreed = await uninstalls(small, '--yes', '--confirm', 'test')
  expect(agreed).toMatchObject({ status: 0, report: { claims: [{ name: 'data-db-0', deleted: true }] } })
  await until(small, [])
})

/** May do all in the namespace that these tests do, but not see claims. */
async function withoutClaims({ namespace }: Small): Promise<string> {
  const base = { namespace, name: 'half' }
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'half' }
  const rules = [
    { apiGroups: [''], resources: ['secrets', 'services', 'pods', 'pods/log', 'events', 'configmaps'], verbs: ['*'] },
    { apiGroups: ['apps', 'batch', 'coordination.k8s.io', 'autoscaling'], resources: ['*'], verbs: ['*'] },
  ]
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: base },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: base, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: base,
      roleRef,
      subjects: [{ kind: 'ServiceAccount', ...base }],
    },
  ]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return await accountKubeconfig(namespace, 'half')
}

test('where claims may not be listed, nobody says that none is lost', async () => {
  const small = await deployed('blind', 4, [SERVICE, db()])
  const kubeconfig = await withoutClaims(small)
  const { status, report } = await uninstalls(small, '--yes', '--kubeconfig', kubeconfig)
  expect({ status, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
    status: 3,
    code: 'E_CONFIRM_NAME',
    message: expect.stringMatching(/^whether data is deleted is unknown \(.* may not list persistentvolumeclaims/u),
  })
  await small.render([SERVICE])
  const plan = await small.run('plan', ['--kubeconfig', kubeconfig])
  expect(plan.stdout).toContain('whether data is deleted is unknown: ')
  expect(plan.stdout).not.toContain('no data deleted')
})
