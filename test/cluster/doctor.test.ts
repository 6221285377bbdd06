import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject, type Manifest } from '../support/small.ts'

interface Line {
  readonly group: string
  readonly state: 'ok' | 'warning' | 'problem' | 'unchecked'
  readonly text: string
  readonly code: string | null
  readonly hint: string | null
  readonly where: string | null
}

interface Found {
  readonly status: number | undefined
  readonly ready: boolean
  readonly lines: readonly Line[]
  /** All that is not well; of kubectl's skew, which is this machine's, nothing. */
  readonly ills: readonly Line[]
}

async function examine(dir: string, env: string, ...flags: string[]): Promise<Found> {
  const ran = await forgeHere(['doctor', '--env', env, '-C', dir, '--json', ...flags])
  const { ready, lines } = document<{ ready: boolean; lines: Line[] }>(ran)
  const ills = lines.filter(({ state, where }) => state !== 'ok' && where !== 'kubectl')
  return { status: ran.status, ready, lines, ills }
}

async function examineSmall(namespace: string, objects: readonly Manifest[], ...flags: string[]): Promise<Found> {
  const { project } = await smallProject(namespace, 4, objects)
  return await examine(project.dir, 'test', ...flags)
}

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

describe('credentials', () => {
  async function kubeconfigWith(folder: string, user: unknown): Promise<string> {
    const config = JSON.parse(await kubectl(['config', 'view', '--raw', '-o', 'json'])) as {
      clusters: { name: string }[]
    }
    const file = join(folder, 'kubeconfig')
    const contexts = [{ name: 'c', context: { cluster: config.clusters[0]?.name, user: 'jane' } }]
    const text = JSON.stringify({ ...config, users: [{ name: 'jane', user }], contexts, 'current-context': 'c' })
    await writeFile(file, text, { mode: 0o600 })
    return file
  }

  test('a plugin that is not there, and a certificate that has ended', async () => {
    const { project } = await smallProject(freshNamespace('cred'), 4, [sample.configMap('a', { a: '1' })])
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin', interactiveMode: 'Never' }
    const plugin = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, { exec }))
    expect(plugin.ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CLUSTER_CREDENTIALS' })
    expect(plugin.ills.map(({ text }) => text).join('\n')).toContain(
      'the credential plugin no-such-plugin of jane is not there',
    )
    const day = 86_400_000
    const made = await secretMaker.authority({ name: 'jane', now: Date.now() - 9 * day, days: 5 })
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const pair = { 'client-certificate-data': base64(made.certificate), 'client-key-data': base64(made.key) }
    const ended = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, pair))
    expect(ended.ills[0]?.text).toMatch(/^the client certificate of jane expired on /u)
    expect([plugin.status, ended.status]).toEqual([3, 3])
  })

  test('a context that is not there', async () => {
    const { project } = await smallProject(freshNamespace('cred'), 4, [sample.configMap('a', { a: '1' })])
    const { kubeconfig } = await testSandbox()
    const { status, ills } = await examine(project.dir, 'test', '--kubeconfig', kubeconfig, '--context', 'nowhere')
    expect(ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CONTEXT_UNKNOWN' })
    expect(status).toBe(3)
  })
})
