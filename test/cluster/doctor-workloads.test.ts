import { describe, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { examine, examineSmall, type Line } from '../support/examined.ts'
import * as sample from '../support/manifests.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { smallProject, type Manifest } from '../support/small.ts'

async function made(prefix: string, ...items: readonly object[]): Promise<string> {
  const namespace = freshNamespace(prefix)
  await kubectl(['create', 'namespace', namespace])
  const list = { apiVersion: 'v1', kind: 'List', items }
  if (items.length > 0) await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(list))
  return namespace
}

function budget(name: string, selector: Record<string, string>, spec: object = { maxUnavailable: 1 }): Manifest {
  const more = { ...spec, selector: { matchLabels: selector } }
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: more }
}

/** Of metrics that the sandbox lacks nothing: it is scaled by nothing but its bounds. */
function scaler(kind: string, name: string, minReplicas: number): Manifest {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind, name }
  const object = sample.autoscaler(name)
  return { ...object, spec: { scaleTargetRef, minReplicas, maxReplicas: 9, metrics: [] } }
}

const two = sample.web({ replicas: 2 })

test.each<[string, readonly Manifest[], Partial<Line>, RegExp]>([
  [
    'two budgets for the same pods',
    [two, budget('a', { app: 'web' }), budget('b', { app: 'web' })],
    { group: 'workloads', where: 'PodDisruptionBudget/a' },
    /both select the pods of Deployment\/web: none of them could be evicted$/u,
  ],
  [
    'a budget for nobody',
    [two, budget('web', { app: 'wbe' })],
    { group: 'network', where: 'PodDisruptionBudget/web' },
    /^PodDisruptionBudget\/web selects no pod \(app=wbe\): it protects nothing$/u,
  ],
  [
    'an autoscaler with other bounds than the count of the chart',
    [two, scaler('Deployment', 'web', 3)],
    { group: 'workloads', where: 'HorizontalPodAutoscaler/web' },
    /keeps 3 to 9 pods, and Deployment\/web states 2: one undoes the other$/u,
  ],
  [
    'an autoscaler of something that is not there',
    [scaler('Deployment', 'gone', 1)],
    { group: 'workloads', where: 'HorizontalPodAutoscaler/gone' },
    /scales Deployment\/gone, which is not there$/u,
  ],
])('finds %s', async (_, objects, line, text) => {
  const { status, ills } = await examineSmall(await made('work'), objects)
  // The sandbox serves no metrics.
  const found = ills.filter(({ text: said }) => !said.includes('has nothing to go by'))
  expect(found).toEqual([expect.objectContaining({ ...line, state: 'warning', text: expect.stringMatching(text) })])
  expect(status).toBe(0)
})

function quota(hard: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec: { hard } }
}

test.each<[string, Record<string, string>, Partial<Line>, RegExp]>([
  [
    'a quota for which pods must say what they ask for',
    { 'requests.cpu': '4' },
    { state: 'problem', code: 'E_ADMISSION' },
    /must specify requests\.cpu/u,
  ],
  ['a quota that is full', { pods: '0' }, { state: 'warning', code: null }, /exceeded quota/u],
])('finds %s', async (_, hard, line, text) => {
  const { status, ills } = await examineSmall(await made('quota', quota(hard)), [sample.web()])
  const where = 'Deployment/web'
  expect(ills).toEqual([expect.objectContaining({ ...line, where, text: expect.stringMatching(text) })])
  expect(status).toBe(line.state === 'problem' ? 3 : 0)
})

describe('a webhook that does not answer', () => {
  async function silent(namespace: string, resource: string): Promise<() => Promise<unknown>> {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] }
    const webhook = {
      ...{ name: 'silent.example.test', admissionReviewVersions: ['v1'], sideEffects: 'None', rules: [rule] },
      clientConfig: { service: { name: 'nobody', namespace, path: '/' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    }
    const kind = 'ValidatingWebhookConfiguration'
    const object = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: namespace } }
    await kubectl(['create', '-f', '-'], JSON.stringify({ ...object, webhooks: [webhook] }))
    return async () => await kubectl(['delete', 'validatingwebhookconfiguration', namespace])
  }

  test.each<[string, string, Manifest, RegExp]>([
    ['about an object', 'configmaps', sample.configMap('a', { a: '1' }), /silent\.example\.test/u],
    ['about pods', 'pods', sample.web(), /^pods of Deployment\/web would be refused: .*silent\.example\.test/u],
  ])('%s is found', async (_, resource, object, text) => {
    const namespace = await made('hook')
    const remove = await silent(namespace, resource)
    try {
      const { status, ills } = await examineSmall(namespace, [object])
      const found = ills.filter(({ state }) => state !== 'unchecked')
      expect(found).toEqual([
        expect.objectContaining({ state: 'problem', code: 'E_WEBHOOK_DOWN', text: expect.stringMatching(text) }),
      ])
      expect(status).toBe(3)
    } finally {
      await remove()
    }
  })
})

test.each<[string, object, string]>([
  ['an operator that is not there', { operators: ['no-such-operator'] }, 'E_REQUIRED_OPERATOR'],
  ['a definition that is not served', { crds: ['widgets.example.test'] }, 'E_REQUIRED_CRD'],
  ['a Service without anybody behind it', { services: ['nobody:80'] }, 'E_REQUIRED_SERVICE'],
  ['a Secret of somebody else', { secrets: { 'no-such-secret': [] } }, 'E_REQUIRED_SECRET'],
])('finds what forge.yaml requires: %s', async (_, requirements, code) => {
  const { project } = await smallProject(await made('req'), 4, [sample.configMap('a', { a: '1' })])
  await project.configure(['requirements'], requirements)
  const { status, ills } = await examine(project.dir, 'test')
  expect(ills).toEqual([expect.objectContaining({ state: 'problem', group: 'project', code })])
  expect(status).toBe(3)
})

describe('of a release that is there', () => {
  test('what somebody has changed by hand', async () => {
    const small = await smallProject(await made('drift'), 4, [sample.configMap('a', { level: '1' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await kubectl(['patch', 'configmap', 'a', '-n', small.namespace, '-p', '{"data":{"level":"2"}}'])
    await small.render([sample.configMap('a', { level: '3' })])
    const { status, ills } = await examine(small.project.dir, 'test')
    expect(ills).toEqual([expect.objectContaining({ state: 'problem', group: 'project', code: 'E_DRIFT' })])
    expect(status).toBe(3)
  })

  test('a helm run that was killed', async () => {
    const small = await smallProject(await made('helm'), 4, [sample.configMap('a', { level: '1' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const record = 'sh.helm.release.v1.small.v1'
    await kubectl(['label', 'secret', record, '-n', small.namespace, 'status=pending-upgrade', '--overwrite'])
    const killed = await examine(small.project.dir, 'test')
    expect(killed.ills.map(({ code }) => code)).toContain('E_RELEASE_PENDING')
    expect(killed.status).toBe(3)
  })
})

test('finds an image whose name nobody can read', async () => {
  const { status, ills } = await examineSmall(await made('image'), [sample.web({ image: 'Example.test/Web:1' })])
  expect(ills).toEqual([
    expect.objectContaining({ state: 'problem', group: 'images', code: 'E_IMAGE_REFERENCE', where: 'Deployment/web' }),
  ])
  expect(status).toBe(3)
})

test('who may deploy and not make pods hears of Pod Security all the same', async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer' } }
  const namespace = await made('level', account)
  await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'])
  const { project } = await smallProject(namespace, 4, [sample.web()])
  const rbac = await forgeHere([
    'rbac',
    '--env',
    'test',
    '-C',
    project.dir,
    '--subject',
    `serviceaccount:${namespace}/deployer`,
  ])
  expect(rbac).toMatchObject({ status: 0 })
  await kubectl(['apply', '-f', '-'], rbac.stdout)
  const kubeconfig = await accountKubeconfig(namespace, 'deployer')
  const { ills } = await examine(project.dir, 'test', '--kubeconfig', kubeconfig)
  expect(ills).toContainEqual(
    expect.objectContaining({
      ...{ state: 'problem', code: 'E_ADMISSION', where: 'Deployment/web' },
      text: expect.stringMatching(
        /^pods of Deployment\/web would be refused: violates PodSecurity "restricted:latest"/u,
      ),
    }),
  )
})
