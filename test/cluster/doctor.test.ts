import { beforeAll, describe, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { examine, examineSmall, type Line } from '../support/examined.ts'
import * as sample from '../support/manifests.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { smallProject, type Manifest } from '../support/small.ts'

const all = 'all,secrets,configmaps,leases,networkpolicies,persistentvolumeclaims'

describe('on the example, deployed', () => {
  const namespace = freshNamespace('doctor')
  let project: TestProject

  beforeAll(async () => {
    project = await exampleProject(namespace)
    expect(await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  })

  test('nothing is found that is not there, and nothing is written', async () => {
    const versions = ['get', all, '-n', namespace, '-o', 'custom-columns=A:.metadata.name,B:.metadata.resourceVersion']
    const before = await kubectl(versions)
    const { status, ready, ills } = await examine(project.dir, 'sandbox')
    expect({ status, ready, ills }).toEqual({ status: 0, ready: true, ills: [] })
    expect(await kubectl(versions)).toBe(before)
  })

  test('its screen fits 80 columns but for commands, and says last what to do next', async () => {
    const { stdout } = await forgeHere(['doctor', '--env', 'sandbox', '-C', project.dir])
    const rows = stdout.trimEnd().split('\n')
    expect(rows.filter((row) => row.length > 80 && !row.includes('→') && !row.startsWith('next'))).toEqual([])
    expect(rows[0]).toBe(`api-forge in sandbox (namespace ${namespace})`)
    expect(rows.at(-1)).toMatch(/^next {7}forge plan --env sandbox -C /u)
    expect(stdout).not.toContain('✖')
  })
})

const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: {
    ingressClassName: 'no-such-class',
    rules: [
      {
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
}
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'wall' },
  spec: { podSelector: { matchLabels: { app: 'nobody' } } },
}
const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
}
const away = { ...sample.configMap('away', { a: '1' }), metadata: { name: 'away', namespace: 'no-such-namespace' } }
const unknown = { apiVersion: 'example.test/v1', kind: 'Widget', metadata: { name: 'odd' } }
const huge = sample.web({ name: 'huge' }) as Manifest & { spec: { template: { spec: { containers: object[] } } } }
Object.assign(huge.spec.template.spec.containers[0] ?? {}, { resources: { requests: { cpu: '900' } } })

test.each<[string, readonly Manifest[], Partial<Line>]>([
  [
    'a claim without its class',
    [sample.claim('data', '1Gi', 'none')],
    { state: 'problem', group: 'storage', code: 'E_STORAGE_CLASS', where: 'PersistentVolumeClaim/data' },
  ],
  [
    'one of a StatefulSet',
    [sample.service('db'), sample.statefulSet('db', 'db', '1Gi', 'none')],
    { state: 'problem', group: 'storage', code: 'E_STORAGE_CLASS', where: 'StatefulSet/db' },
  ],
  ['a kind that is not served', [unknown], { state: 'problem', group: 'project', code: 'E_CRD_MISSING' }],
  ['a namespace that nobody makes', [away], { state: 'problem', group: 'namespace', code: 'E_NAMESPACE_MISSING' }],
  ['a pod that no node holds', [huge], { state: 'problem', group: 'workloads', code: 'E_CAPACITY' }],
  [
    'a Secret that is nowhere',
    [envFrom(sample.web(), 'no-such-secret')],
    { state: 'problem', code: 'E_SECRET_MISSING' },
  ],
  [
    'an Ingress that nothing serves',
    [sample.web(), sample.service('web'), ingress],
    { state: 'warning', group: 'network', where: 'Ingress/web' },
  ],
  [
    'a Service without pods',
    [sample.service('nobody')],
    { state: 'warning', group: 'network', where: 'Service/nobody' },
  ],
  [
    'a NetworkPolicy without pods',
    [sample.web(), policy],
    { state: 'warning', group: 'network', where: 'NetworkPolicy/wall' },
  ],
  [
    'a budget that blocks',
    [sample.web(), budget],
    { state: 'warning', group: 'workloads', where: 'PodDisruptionBudget/web' },
  ],
  [
    'an autoscaler without metrics',
    [sample.web(), sample.autoscaler('web')],
    { state: 'warning', group: 'workloads', where: 'HorizontalPodAutoscaler/web' },
  ],
  [
    'an image that floats',
    [sample.web({ image: 'example.test/web:latest' })],
    { state: 'warning', group: 'images', where: 'Deployment/web' },
  ],
])('finds %s', async (_, objects, line) => {
  const namespace = freshNamespace('ill')
  await kubectl(['create', 'namespace', namespace])
  const { status, ills } = await examineSmall(namespace, objects)
  // What it is tried with may not be tried because of it: that is said, too.
  const found = ills.filter(({ state }) => state !== 'unchecked')
  expect(found).toEqual([expect.objectContaining({ ...line, hint: expect.any(String) })])
  expect(status).toBe(line.state === 'problem' ? 3 : 0)
})

function envFrom(manifest: Manifest, secret: string): Manifest {
  const copy = structuredClone(manifest) as Manifest & { spec: { template: { spec: { containers: object[] } } } }
  Object.assign(copy.spec.template.spec.containers[0] ?? {}, { envFrom: [{ secretRef: { name: secret } }] })
  return copy
}

test.each([
  [
    'Pod Security',
    async (namespace: string) =>
      await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']),
    /violates PodSecurity "restricted/u,
  ],
  [
    'a LimitRange',
    async (namespace: string) => {
      const spec = { limits: [{ type: 'Container', max: { cpu: '1' } }] }
      const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace }, spec }
      return await kubectl(['apply', '-f', '-'], JSON.stringify(range))
    },
    /maximum cpu usage per Container/u,
  ],
])('finds pods that the namespace refuses: %s', async (_, prepare, text) => {
  const namespace = freshNamespace('refuses')
  await kubectl(['create', 'namespace', namespace])
  await prepare(namespace)
  const web = sample.web() as Manifest & { spec: { template: { spec: { containers: object[] } } } }
  Object.assign(web.spec.template.spec.containers[0] ?? {}, {
    resources: { requests: { cpu: '2' }, limits: { cpu: '2' } },
  })
  const { status, ills } = await examineSmall(namespace, [web])
  expect(ills).toEqual([
    expect.objectContaining({
      state: 'problem',
      code: 'E_ADMISSION',
      where: 'Deployment/web',
      text: expect.stringMatching(text),
    }),
  ])
  expect(status).toBe(3)
})

test('finds a certificate of a chart that is about to end', async () => {
  const namespace = freshNamespace('tls')
  await kubectl(['create', 'namespace', namespace])
  const issuer = await secretMaker.authority({ name: 'ca', now: Date.now(), days: 90 })
  const made = await secretMaker.server({ hosts: ['web'], issuer, now: Date.now(), days: 5 })
  const secret = sample.secret('web-tls', { 'tls.crt': made.certificate, 'tls.key': made.key }, 'kubernetes.io/tls')
  const { ills } = await examineSmall(namespace, [secret])
  expect(ills).toEqual([
    expect.objectContaining({ state: 'warning', where: 'Secret/web-tls', text: expect.stringContaining('in 4 days') }),
  ])
})

test('an object that the API server refuses does not keep the rest from being looked at', async () => {
  const namespace = freshNamespace('invalid')
  await kubectl(['create', 'namespace', namespace])
  const objects = [sample.service('odd', { ports: [{ port: 99999 }] }), sample.claim('data', '1Gi', 'none')]
  const { status, ills } = await examineSmall(namespace, objects)
  expect(status).toBe(3)
  expect(ills.flatMap(({ code }) => code ?? []).sort()).toEqual(['E_OBJECT_INVALID', 'E_STORAGE_CLASS'])
  expect(ills.map(({ text }) => text)).toContain('what a deploy would look at after that')
})

test('finds all of several at once', async () => {
  const namespace = freshNamespace('many')
  await kubectl(['create', 'namespace', namespace])
  const objects = [sample.claim('data', '1Gi', 'none'), unknown, away, huge, sample.service('nobody')]
  const { project } = await smallProject(namespace, 4, objects)
  await project.configure(['requirements'], { operators: ['no-such-operator'], storageClass: 'no-such-class' })
  const { ills } = await examine(project.dir, 'test')
  expect(ills.flatMap(({ code }) => code ?? [])).toEqual(
    expect.arrayContaining([
      'E_REQUIRED_OPERATOR',
      'E_CRD_MISSING',
      'E_STORAGE_CLASS',
      'E_NAMESPACE_MISSING',
      'E_CAPACITY',
    ]),
  )
  expect(ills.map(({ text }) => text)).toContainEqual(expect.stringContaining('StorageClass no-such-class'))
  expect(await object('configmap', 'away', namespace)).toBeUndefined()
})

test.each([true, false])(
  'a reader (secrets: %s) lacks rights, and of all else that may not be read nothing is said to be wrong',
  async (secrets) => {
    const namespace = freshNamespace('reader')
    await kubectl(['create', 'namespace', namespace])
    const objects = [sample.web(), sample.service('web'), sample.claim('data', '1Gi')]
    const small = await smallProject(namespace, 4, objects)
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const kubeconfig = await readOnlyKubeconfig(namespace, { secrets })
    const { status, ills } = await examine(small.project.dir, 'test', '--kubeconfig', kubeconfig)
    expect(status).toBe(3)
    expect(ills.filter(({ state }) => state !== 'unchecked').map(({ group, code }) => [group, code])).toEqual(
      secrets
        ? [['rights', 'E_FORBIDDEN']]
        : [
            ['rights', 'E_FORBIDDEN'],
            ['rights', 'E_FORBIDDEN'],
          ],
    )
    expect(ills.filter(({ state }) => state === 'unchecked').map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^room on the nodes: /u),
        expect.stringMatching(/^whether the namespace takes the pods: /u),
      ]),
    )
  },
)
