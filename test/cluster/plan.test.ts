import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { moved, named, smallProject, stored } from '../support/small.ts'
import { BASE, deployed, refused, settings } from '../support/small-deployed.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'

test.concurrent(
  'a first install is planned without a namespace, and --exit-code says that there are changes',
  async () => {
    const small = await smallProject(freshNamespace('plan-first'), 4, BASE)
    const ran = await small.run('plan', ['--json', '--exit-code'])
    const { plan, ...report } = document<DeployReport & { plan: PlanDocument }>(ran)
    expect({ status: ran.status, command: report.command, outcome: report.outcome }).toEqual({
      status: 10,
      command: 'plan',
      outcome: 'planned',
    })
    expect(named(plan)).toEqual({ 'ConfigMap/settings': 'create', 'Deployment/web': 'create' })
    expect(plan.back.possible).toBe('first-install')
    await expect(kubectl(['get', 'namespace', small.namespace])).rejects.toThrow(/not found/u)
  },
)

test.concurrent('the screen names fields, lines, restarts and the next command', async () => {
  const small = await deployed('plan-screen')
  await small.render([settings('2'), sample.web({ image: 'example.test/web:2', replicas: 2 })])
  const { status, stdout } = await small.run('plan', [])
  expect(status).toBe(0)
  const rows = stdout.split('\n')
  expect(rows).toContainEqual(expect.stringMatching(/^~ ConfigMap\/settings +level +1 → 2 +values\.yaml:7$/u))
  expect(rows).toContainEqual(expect.stringMatching(/^~ Deployment\/web +replicas +1 → 2 /u))
  expect(rows).toContainEqual(expect.stringMatching(/^ +image +…\/web:1 → 2 /u))
  expect(rows).toContainEqual(expect.stringMatching(/^Restart +web +image 2$/u))
  expect(rows).toContain('1 restart, no data deleted. Nothing was written.')
  expect(stdout).toMatch(/^next +forge plan --env test --out p\.json [^]*&& [^]*forge deploy --plan[\s\\]+p\.json /mu)
})

test.concurrent.each([3, 4] as const)(
  'drift that a deploy would take back is refused with helm %i, unless the policy or the command line says otherwise',
  async (helm) => {
    const small = await deployed(`drift${helm}`, helm)
    await kubectl(['scale', 'deployment/web', '--replicas=3', '-n', small.namespace])
    await small.render([settings('2'), sample.web()])
    const plan = await small.plan()
    expect(plan.objects.flatMap(({ drift }) => drift)).toMatchObject([
      { path: 'spec.replicas', deployed: 1, live: 3, manager: 'kubectl', end: 'overwritten' },
    ])
    const report = await refused(small, 'E_DRIFT')
    expect(report.verdict?.message).toContain('Deployment/web replicas')

    const { status, report: done } = await small.deploy('--overwrite-drift')
    expect({ status, verdict: done.verdict }).toEqual({ status: 0, verdict: null })
    expect((await object('deployment', 'web', small.namespace))?.spec?.['replicas']).toBe(1)
  },
)

test.concurrent.each([
  [3, 4],
  [4, 3],
] as const)('a release that helm %i made is planned and deployed the same by helm %i', async (first, second) => {
  const small = await deployed(`cross${first}${second}`, first)
  await small.render([settings('2'), sample.web({ replicas: 2 }), sample.configMap('more', {})])
  const old = await stored(small.namespace)
  const { plan } = document<{ plan: PlanDocument }>(await small.run('plan', ['--json'], second))
  expect(plan.releases[0]?.way).toBe('patch')
  const ran = await small.run('deploy', ['--json'], second)
  expect({ status: ran.status, verdict: document<DeployReport>(ran).verdict }).toEqual({ status: 0, verdict: null })
  expect(moved(old, await stored(small.namespace))).toEqual(named(plan))
  expect(document<{ plan: PlanDocument }>(await small.run('plan', ['--json'], second)).plan.unchanged).toBe(true)
})

test.concurrent.each([3, 4] as const)("an autoscaler's target keeps its replicas with helm %i", async (helm) => {
  const small = await deployed(`hpa${helm}`, helm, [settings('1'), sample.web(), sample.autoscaler('web', 2)])
  await kubectl(['wait', 'deployment/web', '-n', small.namespace, '--for=jsonpath={.spec.replicas}=2', '--timeout=40s'])
  await small.render([settings('2'), sample.web({ image: 'example.test/web:2' }), sample.autoscaler('web', 2)])
  const { status, report } = await small.deploy()
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  expect((await object('deployment', 'web', small.namespace))?.spec?.['replicas']).toBe(2)
})

test.concurrent.each([
  ['a claim that shrinks', [sample.claim('data', '2Gi')], [sample.claim('data', '1Gi')], 'E_CLAIM_SHRINK'],
  [
    'a claim template that shrinks',
    [sample.statefulSet('db', 'db', '2Gi')],
    [sample.statefulSet('db', 'db', '1Gi')],
    'E_CLAIM_SHRINK',
  ],
  [
    'a claim whose class changes',
    [sample.claim('data', '2Gi', 'standard')],
    [sample.claim('data', '2Gi', 'other')],
    'E_STORAGE_CLASS',
  ],
  [
    'an object that the API server refuses',
    [settings('1')],
    [settings('1'), sample.web({ replicas: -1 })],
    'E_OBJECT_INVALID',
  ],
])('%s is refused before anything is written', async (_, before, after, code) => {
  const small = await deployed('refused', 4, before)
  await small.render(after)
  await refused(small, code)
})

test.concurrent.each([
  ['a claim', (size: string, name: string) => [sample.claim('data', size, name)]],
  ['a claim template', (size: string, name: string) => [sample.statefulSet('db', 'db', size, name)]],
])('%s that grows is refused where its class does not allow it', async (_, objects) => {
  const name = freshNamespace('fixed')
  const storage = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'sandbox.forge.api-forge.io/claims',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: false,
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(storage))
  const small = await deployed('grow', 4, objects('1Gi', name))
  await small.render(objects('2Gi', name))
  await refused(small, 'E_CLAIM_GROW')
})

test.concurrent.each([3, 4] as const)('a definition in the chart changes as planned with helm %i', async (helm) => {
  const group = `${freshNamespace('crd')}.example.test`
  const small = await deployed('crd', helm, [sample.definition(group, ['a'])])
  await small.render([sample.definition(group, ['a', 'b'])])
  const name = `customresourcedefinition/things.${group}`
  const old = await stored(small.namespace, [name])
  const plan = await small.plan()
  expect(named(plan)).toEqual({ [`CustomResourceDefinition/things.${group}`]: 'change' })
  expect((await small.deploy()).status).toBe(0)
  expect(moved(old, await stored(small.namespace, [name]))).toEqual(named(plan))
})

test.concurrent('a rollback brings back what was replaced', async () => {
  const small = await deployed('replaced')
  await small.render([
    settings('1'),
    sample.web({ image: 'registry.invalid/web:2', selector: { app: 'web', track: 'b' } }),
  ])
  const { status, report } = await small.deploy()
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_IMAGE_PULL',
  })
  expect((await object('deployment', 'web', small.namespace))?.spec?.['selector']).toEqual({
    matchLabels: { app: 'web' },
  })
})

test.concurrent('with read-only credentials the plan works, says what it could not check, and exits 0', async () => {
  const small = await deployed('reader')
  await small.render([settings('2'), sample.web({ replicas: 2 })])
  for (const secrets of [true, false]) {
    const kubeconfig = await readOnlyKubeconfig(small.namespace, { secrets })
    const ran = await small.run('plan', ['--json', '--kubeconfig', kubeconfig])
    const { plan, verdict } = document<{ plan: PlanDocument | null; verdict: unknown }>(ran)
    expect({ status: ran.status, verdict }).toEqual({ status: 0, verdict: null })
    if (plan === null) throw new Error('no plan')
    expect(named(plan)).toEqual({ 'ConfigMap/settings': 'change', 'Deployment/web': 'change' })
    expect(plan.objects.filter(({ notChecked }) => notChecked !== null).map(({ object: name }) => name)).toEqual([
      'ConfigMap/settings',
      'Deployment/web',
    ])
    expect(plan.notChecked.some((row) => row.includes('release') || row.includes('records'))).toBe(!secrets)
    if (secrets) continue
    const { stdout } = await small.run('plan', ['--kubeconfig', kubeconfig])
    expect(stdout).toContain(`live: unknown: may not list secrets in ${small.namespace}`)
    expect(stdout).toContain('whether data is deleted is unknown: ')
    expect(stdout).not.toMatch(/nothing that forge deployed|first install|nothing was deployed|no data deleted/u)
  }
})

test.concurrent('what a failed upgrade left behind is not taken for drift', async () => {
  const small = await deployed('failed')
  await small.render([settings('2'), sample.web({ image: 'registry.invalid/web:2' })])
  const failed = await small.deploy('--no-rollback')
  expect({ status: failed.status, code: failed.report.verdict?.code }).toEqual({ status: 5, code: 'E_IMAGE_PULL' })
  await small.render([settings('3'), sample.web({ image: 'example.test/web:3' })])
  const { status, report } = await small.deploy()
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
})

test.concurrent('an object that somebody deleted comes back', async () => {
  const small = await deployed('gone')
  await kubectl(['delete', 'configmap', 'settings', '-n', small.namespace])
  const plan = await small.plan()
  expect(plan.objects.find(({ object: name }) => name === 'ConfigMap/settings')).toMatchObject({
    action: 'create',
    because: 'is gone, although the last deploy made it',
  })
  expect((await small.deploy()).status).toBe(0)
  expect((await object('configmap', 'settings', small.namespace))?.data).toEqual({ level: '1' })
})

test.concurrent(
  "a first install names the definitions in the chart's crds folder, and an upgrade leaves them alone",
  async () => {
    const small = await smallProject(freshNamespace('crds'), 4, [settings('1')])
    const group = `${small.namespace}.example.test`
    const file = (columns: string[]): string => JSON.stringify(sample.definition(group, columns))
    await small.project.write('chart/crds/thing.yaml', file(['a']))
    const plan = await small.plan()
    expect(named(plan)).toEqual({
      'ConfigMap/settings': 'create',
      [`CustomResourceDefinition/things.${group}`]: 'create',
    })
    expect((await small.deploy()).report.verdict).toBeNull()
    await kubectl(['get', 'customresourcedefinition', `things.${group}`])

    await small.project.write('chart/crds/thing.yaml', file(['a', 'b']))
    expect(await small.plan()).toMatchObject({ unchanged: true })
  },
)

test.concurrent(
  'a claim that the chart gives up is deleted only where --confirm names it, whatever --yes says',
  async () => {
    const small = await deployed('loss', 4, [settings('1'), sample.claim('data', '1Gi'), sample.web({ claim: 'data' })])
    await small.render([settings('1'), sample.web()])
    expect(await small.plan()).toMatchObject({ losses: [{ name: 'data', what: 'PersistentVolumeClaim/data' }] })
    const report = await refused(small, 'E_DATA_LOSS', '--yes')
    expect(report.verdict?.hint).toMatch(/^forge deploy .*--confirm data$/u)
    const { status } = await small.deploy('--confirm', 'data')
    expect({ status, claim: await object('pvc', 'data', small.namespace) }).toEqual({ status: 0, claim: undefined })
  },
)
