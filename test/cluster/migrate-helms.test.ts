import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { forgeHere, freshNamespace, kubectl, object, type LiveObject } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { allReady, identities } from '../support/legacy-stack.ts'
import { projectOf } from '../support/project.ts'

// However an old stack was made, and whichever helm takes it over: what the chart does not say is gone, and it all comes back.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

const labels = (name: string): object => ({ 'app.kubernetes.io/name': name })
const probe = { httpGet: { path: '/', port: 80 } }

const deployment = (name: string, container: object = {}, spec: object = {}): object => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: {
    ...{ replicas: 1, selector: { matchLabels: labels(name) }, ...spec },
    template: {
      metadata: { labels: labels(name) },
      spec: {
        containers: [{ name, image: `${name}:1`, readinessProbe: probe, ...container }],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
})

const MORE = {
  args: ['--old', '--older'],
  env: [
    { name: 'KEPT', value: '1' },
    { name: 'OLD', value: '1' },
  ],
  securityContext: { runAsUser: 1000 },
  volumeMounts: [{ name: 'tmp', mountPath: '/old' }],
}
const NOW = { args: ['--new'], env: [{ name: 'KEPT', value: '1' }] }

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: labels('web'), ports: [{ port: 80 }] },
}
const settings = (data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
})
const set = (env: readonly object[]): object => ({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'store' } },
  spec: {
    ...{ serviceName: 'store', replicas: 1, selector: { matchLabels: labels('store') } },
    template: {
      metadata: { labels: labels('store') },
      spec: { containers: [{ name: 'store', image: 'store:1', readinessProbe: probe, env }] },
    },
  },
})
const job = (image: string): object => ({
  ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed' } },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'seed', image }] } } },
})

/** By the way it was made: with `apply`, `apply --server-side`, `create`. */
const OLD = {
  applied: [deployment('web', MORE), service, set([{ name: 'OLD', value: '1' }]), job('seed:1')],
  served: [deployment('served', MORE)],
  created: [settings({ kept: '1', old: '1' }), deployment('created', MORE)],
}
const CHART = [
  deployment('web', NOW, { strategy: { type: 'Recreate' } }),
  ...[deployment('served', NOW), deployment('created', NOW), service, set([]), job('seed:2'), settings({ kept: '1' })],
]

const list = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

function plain({ metadata: { labels: own, annotations = {}, name }, status: _status, ...fields }: LiveObject): unknown {
  const { 'deployment.kubernetes.io/revision': _revision, ...notes } = annotations
  return { ...fields, metadata: { name, labels: own, annotations: notes } }
}

const WORKLOADS = [
  'deployment/web',
  'deployment/served',
  'deployment/created',
  'statefulset/store',
  'configmap/settings',
  'service/web',
]

async function stated(namespace: string): Promise<unknown[]> {
  const found = WORKLOADS.map(async (one) => {
    const [kind = '', name = ''] = one.split('/')
    const live = await object(kind, name, namespace)
    return live === undefined ? one : plain(live)
  })
  return await Promise.all(found)
}

async function managers(namespace: string): Promise<string[]> {
  const text = await kubectl(['get', ...WORKLOADS, '-n', namespace, '-o', 'json', '--show-managed-fields'])
  const { items } = JSON.parse(text) as {
    items: { metadata: { managedFields: { manager: string; subresource?: string }[] } }[]
  }
  return items.flatMap(({ metadata }) =>
    metadata.managedFields.flatMap(({ manager, subresource }) => (subresource === undefined ? manager : [])),
  )
}

test.each([3, 4] as const)(
  'helm %i: however it was made, what the chart does not say is gone, and comes back',
  async (helm) => {
    const namespace = freshNamespace('made')
    made.push(namespace)
    const project = await projectOf({
      'forge.yaml': stringify({
        ...{ version: 1, project: 'web', environments: { test: { cluster: 'sandbox', namespace } } },
        releases: { web: { chart: './chart' } },
      }),
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/templates/all.yaml': CHART.map((one) => `---\n${stringify(one)}`).join(''),
      'old/all.yaml': [...OLD.applied, ...OLD.served, ...OLD.created].map((one) => `---\n${stringify(one)}`).join(''),
    })
    await kubectl(['create', 'namespace', namespace])
    await kubectl(['-n', namespace, 'apply', '-f', '-'], list(OLD.applied))
    await kubectl(['-n', namespace, 'apply', '--server-side', '-f', '-'], list(OLD.served))
    await kubectl(['-n', namespace, 'create', '-f', '-'], list(OLD.created))
    await kubectl(['-n', namespace, 'rollout', 'status', 'statefulset/store'])
    await allReady(namespace)
    const [before, was, owned] = [await identities(namespace), await stated(namespace), await managers(namespace)]

    const env = { FORGE_HELM: await helmOf(helm) }
    const args = ['migrate-to-helm', '-C', project.dir, '--json']
    const there = await forgeHere([...args, '--from', join(project.dir, 'old')], env)
    expect({ status: there.status, said: there.status === 0 ? '' : there.stdout }).toEqual({ status: 0, said: '' })
    for (const name of ['web', 'served', 'created']) {
      const text = JSON.stringify((await object('deployment', name, namespace))?.spec)
      expect([name, /"OLD"|--old|runAsUser|\/old/u.exec(text)?.[0]]).toEqual([name, undefined])
    }
    expect((await object('configmap', 'settings', namespace))?.data).toEqual({ kept: '1' })
    const kept = [...before].filter(([name]) => !name.startsWith('Job/'))
    for (const [name, { uid }] of kept)
      expect([name, (await identities(namespace)).get(name)?.uid]).toEqual([name, uid])
    expect(JSON.parse((await forgeHere(args, env)).stdout)).toMatchObject({ outcome: 'unchanged' })

    const back = await forgeHere([...args, '--undo', '--yes'], env)
    expect({ status: back.status, said: back.status === 0 ? '' : back.stdout }).toEqual({ status: 0, said: '' })
    expect(await stated(namespace)).toEqual(was)
    expect(await managers(namespace)).toEqual(owned)
    expect((await object('job', 'seed', namespace))?.spec).toMatchObject({ suspend: true })
  },
)
