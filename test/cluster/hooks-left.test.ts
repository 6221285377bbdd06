import { describe, expect, test } from '@jest/globals'
import { defineKind, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { job, podTemplate } from '../support/pods.ts'
import { moved, settled, smallProject, stored, type Manifest, type Small } from '../support/small.ts'
import type { RecoveryReport } from '../../src/cli/close-recovery.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { HistoryReport } from '../../src/flows/history.ts'

/** What a test changes of a hook from one deploy to the next. */
interface Next {
  readonly content?: string
  readonly fails?: boolean
}

type Hook = (next: Next) => Manifest

/** As a chart marks it; without a policy helm's default is `before-hook-creation`. */
function hook(made: unknown, policy?: string, events = 'pre-install,pre-upgrade'): Manifest {
  const { metadata, ...rest } = made as Manifest & { readonly metadata: { readonly annotations?: object } }
  const deletion = policy === undefined ? {} : { 'helm.sh/hook-delete-policy': policy }
  return { ...rest, metadata: { ...metadata, annotations: { 'helm.sh/hook': events, ...deletion } } } as Manifest
}

const steer = ({ content = '1', fails = false }: Next): Record<string, string> => ({
  ...(fails ? { fail: 'job' } : {}),
  log: `migrating to ${content}`,
})

const logOf = (content: string): Record<string, string> => ({
  'sandbox.forge.api-forge.io/log': `migrating to ${content}`,
})

const migration =
  (policy?: string, events?: string): Hook =>
  (next) =>
    hook(job({ name: 'migrate', steer: steer(next) }, { backoffLimit: 0 }), policy, events)

const pod: Hook = (next) => {
  const { metadata, ...made } = podTemplate({ name: 'smoke', steer: steer(next), spec: { restartPolicy: 'Never' } })
  const { annotations, ...rest } = hook({ ...made, metadata: { ...(metadata as object), name: 'smoke' } }).metadata as {
    readonly name: string
    readonly annotations: object
  }
  const own = { ...(metadata as { readonly annotations: object }).annotations, ...annotations }
  return { ...made, apiVersion: 'v1', kind: 'Pod', metadata: { ...rest, annotations: own } }
}

const RBAC = 'rbac.authorization.k8s.io'

/** What a migration needs beside itself, all of it changed by each deploy. */
function needs(group: string): Hook[] {
  const named = (apiVersion: string, kind: string, fields: (content: string) => object): Hook => {
    return ({ content = '1' }) =>
      hook({ apiVersion, kind, metadata: { name: 'migrator', labels: { content } }, ...fields(content) })
  }
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: 'migrator' }
  return [
    named('v1', 'ServiceAccount', () => ({})),
    named('v1', 'ConfigMap', (content) => ({ data: { content } })),
    named('v1', 'Secret', (content) => ({ stringData: { content } })),
    named(`${RBAC}/v1`, 'Role', (content) => ({ rules: [{ apiGroups: [''], resources: [content], verbs: ['get'] }] })),
    named(`${RBAC}/v1`, 'RoleBinding', () => ({ roleRef, subjects: [] })),
    named(`${group}/v1`, 'Thing', (content) => ({ spec: { content } })),
    migration(),
  ]
}

const KINDS: readonly (readonly [string, (group: string) => readonly Hook[]])[] = [
  ['a Job', () => [migration()]],
  [
    'a Job that is deleted before the next one and after success',
    () => [migration('before-hook-creation,hook-succeeded')],
  ],
  ['a Job that is deleted after success', () => [migration('hook-succeeded,before-hook-creation')]],
  [
    'a Job that is deleted whatever becomes of it',
    () => [migration('hook-succeeded,hook-failed,before-hook-creation')],
  ],
  ['a Pod', () => [pod]],
  ['an account, a ConfigMap, a Secret, rights and a custom resource', needs],
]

const web = (image: string): Manifest => sample.web({ image, probe: true })

const states = async (small: Small): Promise<string[]> =>
  document<HistoryReport>(await small.run('history', ['--json'])).deploys.map(({ state }) => state)

async function next(small: Small, hooks: readonly Hook[], image: string, change: Next): Promise<DeployReport> {
  await small.render([...hooks.map((make) => make(change)), web(image)])
  return (await small.deploy()).report
}

describe.each([3, 4] as const)('a deploy that fails goes back and is proven, with helm %i, whose hooks are', (helm) => {
  test.concurrent.each(KINDS)('%s', async (_, kind) => {
    const namespace = freshNamespace(`left${helm}`)
    const group = `${namespace}.example.test`
    await defineKind(sample.definition(group, ['content']))
    const hooks = kind(group)
    const small = await smallProject(namespace, helm, [...hooks.map((make) => make({})), web('example.test/web:1')])
    expect((await small.deploy()).report.verdict).toBeNull()
    const before = await settled(namespace)

    const failed = await next(small, hooks, 'example.test/web:2', { content: '2', fails: true })
    const changed = await next(small, hooks, 'registry.invalid/web:3', { content: '3' })

    expect([failed, changed]).toMatchObject([
      { outcome: 'restored', verdict: { code: 'E_JOB_FAILED' } },
      { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } },
    ])
    expect(moved(before, await stored(namespace))).toEqual({ 'Deployment/web': 'change' })
    expect(await states(small)).toEqual(['restored', 'restored', 'deployed'])
    await kubectl(['delete', 'crd', `things.${group}`, '--wait=false'])
  })
})

test.concurrent.each([3, 4] as const)(
  'a hook that its policy leaves does not keep helm %i from going back',
  async (helm) => {
    const namespace = freshNamespace(`free${helm}`)
    const hooks = [migration('hook-failed', 'pre-upgrade,post-rollback')]
    const small = await smallProject(namespace, helm, [...hooks.map((make) => make({})), web('example.test/web:1')])
    expect((await small.deploy()).report.verdict).toBeNull()

    const changed = await next(small, hooks, 'registry.invalid/web:3', { content: '3' })

    expect(changed).toMatchObject({ outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } })
    const left = await object('job', 'migrate', namespace)
    expect(left?.spec).toMatchObject({ template: { metadata: { annotations: { ...logOf('1') } } } })
  },
)

test.concurrent('where going back fails each time there is a way forward', async () => {
  const namespace = freshNamespace('leave')
  const broken = migration('before-hook-creation', 'post-rollback')
  const small = await smallProject(namespace, 4, [broken({ fails: true }), web('example.test/web:1')])
  expect((await small.deploy()).report.verdict).toBeNull()
  expect((await next(small, [], 'registry.invalid/web:2', {})).outcome).toBe('failed')

  const again = await small.run('recover', ['--json'])
  expect(again.status).toBe(5)
  expect(document<DeployReport>(again).verdict).toMatchObject({
    code: 'E_HELM',
    hint: expect.stringMatching(/^forge recover .*--leave.* && forge deploy /u),
  })

  const left = await small.run('recover', ['--leave', '--json'])
  expect([left.status, document<RecoveryReport>(left).outcome]).toEqual([0, 'failed'])
  await small.render([web('example.test/web:3')])
  expect((await small.deploy()).report).toMatchObject({ outcome: 'deployed', verdict: null })
  expect(await states(small)).toEqual(['deployed', 'failed', 'deployed'])
})

test.concurrent('what stays of the hooks is named', async () => {
  const small = await smallProject(freshNamespace('hook-named'), 4, [migration()({}), web('example.test/web:1')])
  expect((await small.deploy()).report.verdict).toBeNull()
  await small.render([migration()({ content: '2', fails: true }), web('example.test/web:2')])
  const { status, stderr } = await small.run('deploy', [])
  expect(status).toBe(4)
  expect(stderr).toMatch(/rollback +small revision 3 \(as 1\), secrets as they were, 1 hook stays: Job\/migrate/u)
  expect(stderr).toMatch(/test runs #1 again, proven/u)
})

describe.each([3, 4] as const)('forge rollback with helm %i, where a stage names a hook', (helm) => {
  async function deployedTwice(make: Hook): Promise<Small> {
    const small = await smallProject(freshNamespace(`hookback${helm}`), helm, [make({}), web('example.test/web:1')])
    await small.project.configure(['stages'], { schema: { wait: ['Job/migrate'] }, web: { wait: ['Deployment/web'] } })
    expect((await small.deploy()).report.verdict).toBeNull()
    expect((await next(small, [make], 'example.test/web:2', { content: '2' })).verdict).toBeNull()
    return small
  }

  test.concurrent('goes back where the hook is not run: the stage has nothing to wait for', async () => {
    const small = await deployedTwice(migration())
    const { status, stderr } = await small.run('rollback', [])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stderr).toMatch(/schema +nothing to wait for/u)
    expect(await states(small)).toEqual(['rolled-back', 'deployed', 'deployed'])
  })

  test.concurrent('follows the hook where helm runs it', async () => {
    const small = await deployedTwice(migration(undefined, 'pre-install,pre-upgrade,pre-rollback'))
    const { status, stderr } = await small.run('rollback', [])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stderr).toMatch(/migrate │ migrating to 1\n/u)
    expect(stderr).toMatch(/rollback +small revision 2 → 3 \(as 1\), hook migrate done/u)
    expect(stderr).toMatch(/schema +migrate done/u)
  })

  test.concurrent('says why it failed where the hook does', async () => {
    const good = migration(undefined, 'pre-install,pre-upgrade')
    const bad: Hook = ({ content }) => ({
      ...migration(undefined, 'pre-rollback')({ content: content ?? '1', fails: true }),
      metadata: { ...hook(job({ name: 'undo' }), undefined, 'pre-rollback').metadata, name: 'undo' },
    })
    const small = await smallProject(freshNamespace(`badback${helm}`), helm, [
      good({}),
      bad({}),
      web('example.test/web:1'),
    ])
    expect((await small.deploy()).report.verdict).toBeNull()
    expect((await next(small, [good], 'example.test/web:2', { content: '2' })).verdict).toBeNull()

    const ran = await small.run('rollback', ['--json'])

    const { outcome, verdict } = document<DeployReport>(ran)
    expect({ status: ran.status, outcome, code: verdict?.code, first: verdict?.chain[0] }).toEqual({
      status: 4,
      outcome: 'restored',
      code: 'E_JOB_FAILED',
      first: 'Job/undo',
    })
  })
})

test.concurrent('a stage may name a hook that runs in the first install only', async () => {
  const small = await smallProject(freshNamespace('hook-once'), 4, [
    migration(undefined, 'pre-install')({}),
    web('example.test/web:1'),
  ])
  await small.project.configure(['stages'], { schema: { wait: ['Job/migrate'] } })
  expect((await small.deploy()).report.verdict).toBeNull()
  const { verdict } = await next(small, [migration(undefined, 'pre-install')], 'example.test/web:2', {})
  expect(verdict).toBeNull()
})

test.concurrent.each([3, 4] as const)(
  'a hook that its policy leaves is foreseen, with the way out, with helm %i',
  async (helm) => {
    const left = migration('hook-succeeded')
    const small = await smallProject(freshNamespace(`stale${helm}`), helm, [left({}), web('example.test/web:1')])
    expect((await small.deploy()).report.verdict).toBeNull()
    expect(await next(small, [left], 'example.test/web:2', { content: '2', fails: true })).toMatchObject({
      outcome: 'restored',
    })

    const refused = await next(small, [left], 'example.test/web:2', { content: '3' })

    expect(refused).toMatchObject({ outcome: 'refused', verdict: { code: 'E_HOOK_LEFT' } })
    expect(refused.verdict?.hint).toMatch(/^kubectl .*-n \S+ delete job migrate$/u)
    await kubectl(['delete', 'job', 'migrate', '--namespace', small.namespace])
    expect((await small.deploy()).report.verdict).toBeNull()
  },
)
