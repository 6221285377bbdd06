import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'
import { forgeHere, freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { configMap } from '../support/manifests.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallFiles, type Manifest } from '../support/small.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { WriteProxy } from '../support/write-proxy.ts'

const NAMESPACE = freshNamespace('reading')
const PRIORITY = `${NAMESPACE}-high`

/** Needs what is in no release: an account, a ConfigMap, a priority; its claim names a class. */
function shop(level: string): Manifest[] {
  const labels = { app: 'web' }
  const container = {
    name: 'main',
    image: `web:${level}`,
    envFrom: [{ configMapRef: { name: 'shared' } }],
    readinessProbe: { httpGet: { path: '/', port: 80 } },
    livenessProbe: { httpGet: { path: '/', port: 80 } },
  }
  const spec = { serviceAccountName: 'runner', priorityClassName: PRIORITY, containers: [container] }
  const claim = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'standard',
    resources: { requests: { storage: '1Gi' } },
  }
  return [
    configMap('settings', { level }),
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' } },
      spec: {
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: { metadata: { labels: { app: 'db' } }, spec: { ...spec, containers: [container] } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
      },
    },
  ]
}

let project: TestProject
const at = (...more: readonly string[]): string[] => ['--env', 'test', '-C', project.dir, ...more]
const versions = async (): Promise<unknown> =>
  (await objects('configmaps,secrets,deployments,statefulsets,pods,leases', NAMESPACE)).map(({ metadata }) => [
    metadata.name,
    metadata['resourceVersion'],
  ])

beforeAll(async () => {
  await kubectl(['create', 'namespace', NAMESPACE])
  await kubectl(['create', 'serviceaccount', 'runner', '-n', NAMESPACE])
  await kubectl(['create', 'configmap', 'shared', '-n', NAMESPACE, '--from-literal=COLOUR=blue'])
  await kubectl(['create', 'priorityclass', PRIORITY, '--value=1000'])
  project = await projectOf({
    ...smallFiles({ cluster: 'sandbox', namespace: NAMESPACE }, shop('1')),
  })
  await project.configure(['stages'], { app: { wait: ['Deployment/web', 'StatefulSet/db'], timeout: '60s' } })
  expect(await forgeHere(['deploy', ...at()])).toMatchObject({ status: 0 })
  await project.write('values.yaml', JSON.stringify({ objects: shop('2') }))
}, 120_000)

afterAll(async () => {
  await kubectl(['delete', 'priorityclass', PRIORITY])
})

test.each([
  ['the deploy', [], []],
  [
    'failures and a kill',
    ['--fail', 'web=crash-loop', '--fail', 'db=image-pull', '--kill-at', 'upgrade'],
    [true, true, true],
  ],
])(
  'a rehearsal writes nothing into its environment: %s',
  async (_, flags, restored) => {
    const { kubeconfig } = await testSandbox()
    const proxy = await WriteProxy.open(kubeconfig, await mkdtemp(join(tmpdir(), 'forge-reading-')))
    const before = await versions()
    try {
      const ran = await forgeHere(['rehearse', ...at('--kubeconfig', proxy.kubeconfig, '--json'), ...flags])
      const { outcome, rehearsal } = document<RehearsalReport>(ran)
      expect([outcome, ran.status]).toEqual(['rehearsed', 0])
      expect(rehearsal?.failures.map((one) => one.restored)).toEqual(restored)
      expect(proxy.writes).toEqual([])
      expect(await versions()).toEqual(before)
    } finally {
      proxy.close()
    }
  },
  180_000,
)

test('with the Role of forge rbac --for plan all is rehearsed but what may not be read, which is told', async () => {
  const printed = await forgeHere(['rbac', ...at('--for', 'plan')])
  expect(printed).toMatchObject({ status: 0 })
  await kubectl(['apply', '-f', '-'], printed.stdout)
  const kubeconfig = await accountKubeconfig(NAMESPACE, /forge-\S+/u.exec(printed.stdout)?.[0] ?? '')
  const ran = await forgeHere(['rehearse', ...at('--kubeconfig', kubeconfig, '--json'), '--fail', 'web=never-ready'])
  const { outcome, rehearsal } = document<RehearsalReport>(ran)
  expect([outcome, rehearsal?.failures.map(({ verdict, restored }) => [verdict?.code, restored])]).toEqual([
    'rehearsed',
    [['E_PROBE_FAILING', true]],
  ])
  expect(rehearsal?.scene.notRehearsed).toEqual([
    'nodes may not be listed: there are 3 of 8 CPU and 16Gi',
    'may not be listed, and those that are named are made up: PriorityClasses, RuntimeClasses, StorageClasses',
    expect.stringMatching(/^may not be listed, and are not there: IngressClasses, .*Pods, .*Validating/u),
  ])
}, 180_000)
