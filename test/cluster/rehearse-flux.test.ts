import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { loadAll } from 'js-yaml'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { chartAt } from '../support/chart.ts'
import { defineKind, forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { ANYTHING, definitionOf, web } from '../support/manifests.ts'
import { homelabProject, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

// examples/homelab as Flux has deployed it: forge deploys nothing there, and rehearses what Flux will.
const OPERATORS = freshNamespace('operators')
const KINDS = [
  ['postgresql.cnpg.io', 'Cluster', 'v1'],
  ['postgresql.cnpg.io', 'Database', 'v1'],
  ['external-secrets.io', 'ExternalSecret', 'v1'],
  ['monitoring.coreos.com', 'ServiceMonitor', 'v1'],
] as const
const FLUX = (kind: 'helm' | 'kustomize', name: string): Record<string, string> => ({
  [`${kind}.toolkit.fluxcd.io/name`]: name,
  [`${kind}.toolkit.fluxcd.io/namespace`]: 'flux-system',
})

let project: TestProject
let namespace: string

beforeAll(async () => {
  for (const [group, kind] of KINDS)
    await defineKind(definitionOf(group, kind, { subresources: { status: {} }, schema: ANYTHING }))
  namespace = freshNamespace('fluxed')
  await kubectl(['create', 'namespace', OPERATORS])
  await kubectl(['create', 'namespace', namespace])
  for (const name of ['cnpg-controller-manager', 'external-secrets', 'prometheus-operator'])
    await kubectl(['apply', '-n', OPERATORS, '-f', '-'], JSON.stringify(web({ name })))
  project = await homelabProject(namespace)
  await project.configure(['environments', 'um890'], {
    cluster: { context: 'sandbox-of-the-test' },
    namespace,
    managedBy: 'flux',
    requirements: { storageClass: 'any' },
  })
  await fluxDeploys()
}, 120_000)

afterAll(async () => {
  for (const name of [OPERATORS, namespace]) await kubectl(['delete', 'namespace', name, '--wait=false'])
  // Other tests have the Cluster.
  const own = KINDS.filter(([, kind]) => kind !== 'Cluster').map(([group, kind]) => `${kind.toLowerCase()}s.${group}`)
  await kubectl(['delete', 'crd', ...own, '--ignore-not-found', '--wait=false'])
})

/** Its Kustomization applies objects on the server; its HelmRelease is installed by helm as helm-controller runs it. */
async function fluxDeploys(): Promise<void> {
  const { kubeconfig } = await testSandbox()
  const plain = ['postgres-secret', 'postgres-cluster', 'services', 'ingress', 'servicemonitor']
  const texts = await Promise.all(plain.map(async (name) => await project.read(`clusters/um890/temporal/${name}.yaml`)))
  for (const one of texts.flatMap((text) => loadAll(text) as KubeObject[])) {
    const metadata = { ...one.metadata, labels: { ...one.metadata.labels, ...FLUX('kustomize', 'apps') } }
    const applied = ['apply', '--server-side', '--field-manager=kustomize-controller', '-n', namespace, '-f', '-']
    await kubectl(applied, JSON.stringify({ ...one, metadata }))
  }
  // External Secrets makes the one, CloudNativePG the other.
  for (const [name, stringData] of [
    ['temporal-postgres-credentials', { username: 'temporal', password: 'of-the-store-of-secrets' }],
    ['temporal-postgres-ca', { 'ca.crt': 'certificate-of-the-database', 'ca.key': 'key-of-the-database' }],
  ] as const)
    await kubectl(
      ['apply', '-n', namespace, '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }),
    )
  await says('clusters.postgresql.cnpg.io/temporal-postgres', {
    ...{ instances: 1, readyInstances: 1, phase: 'Cluster in healthy state' },
    ...{ currentPrimary: 'temporal-postgres-1', targetPrimary: 'temporal-postgres-1' },
  })
  await says('databases.postgresql.cnpg.io/temporal-visibility', { applied: true, observedGeneration: 1 })
  const [release] = loadAll(await project.read('clusters/um890/temporal/helmrelease.yaml')) as {
    spec: { values: object }
  }[]
  await project.write('flux-values.yaml', stringify(release?.spec.values))
  await execa(
    await helmOf(3),
    [
      'upgrade',
      '--install',
      'temporal',
      chartAt('temporal').dir,
      '--namespace',
      namespace,
      '--kubeconfig',
      kubeconfig,
    ].concat(['--values', join(project.dir, 'flux-values.yaml'), '--wait', '--timeout', '60s']),
    { stdin: 'ignore' },
  )
  const labels = Object.entries(FLUX('helm', 'temporal')).map(([name, value]) => `${name}=${value}`)
  await kubectl(
    ['label', 'deployments,services,configmaps', '-l', 'app.kubernetes.io/instance=temporal', '-n', namespace].concat(
      labels,
    ),
  )
}

async function says(what: string, status: unknown): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '/status', value: status }])
  await kubectl(['patch', what, '-n', namespace, '--subresource=status', '--type=json', '-p', patch])
}

async function rehearse(...flags: string[]): Promise<{ ran: Ran; report: RehearsalReport }> {
  const { kubeconfig } = await testSandbox()
  const context = await kubectl(['config', 'current-context'])
  const at = ['--env', 'um890', '-C', project.dir, '--kubeconfig', kubeconfig, '--context', context]
  const ran = await forgeHere(['rehearse', '--json', ...at, ...flags])
  return { ran, report: document<RehearsalReport>(ran) }
}

test('what stands as Flux deployed it: rehearsed without a change, and with one', async () => {
  const first = await rehearse()
  expect({ summary: first.report.rehearsal?.summary, verdict: first.report.verdict, status: first.ran.status }).toEqual(
    {
      summary: expect.stringMatching(/^rehearsed: the deploy/u),
      verdict: null,
      status: 0,
    },
  )
  const text = 'cpu: 250m, memory: 512Mi'
  await project.edit('clusters/um890/temporal/helmrelease.yaml', text, text.replace('250m', '200m'))
  await project.edit('clusters/um890/temporal/postgres-cluster.yaml', 'work_mem: 2MB', 'work_mem: 3MB')
  const changed = await rehearse('--fail', 'web=crash-loop', '--kill-at', 'upgrade')
  expect({ summary: changed.report.rehearsal?.summary, verdict: changed.report.verdict }).toEqual({
    summary: 'rehearsed: 2 failures, 2 explained, 2 restored',
    verdict: null,
  })
  // Nothing of it is told to be deployed by forge.
  const { kubeconfig } = await testSandbox()
  const wrote = await kubectl(['get', 'secrets', '-n', namespace, '-o', 'name', '--kubeconfig', kubeconfig])
  expect(wrote.split('\n').filter((name) => /forge|postgres\.v1|edge\.v1/u.test(name))).toEqual([])
}, 240_000)
