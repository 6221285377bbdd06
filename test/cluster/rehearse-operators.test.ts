import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { defineKind, freshNamespace, kubectl, snapshot } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { ANYTHING, configMap, definitionOf, web } from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

/** The environment: a namespace of the sandbox, in which the operators are Deployments, and the test says what they would. */
const OPERATORS = freshNamespace('operators')

/** As strict as the real ones are: what a status lacks is refused. */
const CONDITIONS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['status', 'type', 'lastTransitionTime', 'reason', 'message'],
    properties: {
      type: { type: 'string' },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      reason: { type: 'string', minLength: 1 },
      message: { type: 'string' },
      lastTransitionTime: { type: 'string', format: 'date-time' },
      observedGeneration: { type: 'integer', format: 'int64' },
    },
  },
}
const FREE = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const CERTIFICATE = definitionOf('cert-manager.io', 'Certificate', {
  subresources: { status: {} },
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: FREE,
        status: { type: 'object', properties: { conditions: CONDITIONS, revision: { type: 'integer' } } },
      },
    },
  },
})

beforeAll(async () => {
  await defineKind(definitionOf('postgresql.cnpg.io', 'Cluster', { subresources: { status: {} }, schema: ANYTHING }))
  await defineKind(definitionOf('postgresql.cnpg.io', 'Pooler', { subresources: { status: {} }, schema: ANYTHING }))
  await defineKind(CERTIFICATE)
  await kubectl(['create', 'namespace', OPERATORS])
  for (const name of ['cnpg-controller-manager', 'cert-manager']) {
    const { metadata, ...operator } = web({ name })
    await kubectl(['apply', '-n', OPERATORS, '-f', '-'], JSON.stringify({ ...operator, metadata }))
    await kubectl(['rollout', 'status', `deployment/${name}`, '-n', OPERATORS, '--timeout=30s'])
  }
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', OPERATORS, '--wait=false'])
  await kubectl([
    'delete',
    'crd',
    'certificates.cert-manager.io',
    'poolers.postgresql.cnpg.io',
    'scaledobjects.keda.sh',
    '--ignore-not-found',
    '--wait=false',
  ])
})

const database = (instances: number): Manifest => ({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'db' },
  spec: { instances, storage: { size: '1Gi' } },
})

const certificate = (name: string): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'web' },
  spec: { secretName: 'web-tls', dnsNames: [name], issuerRef: { name: 'ca' } },
})

/** Its pods want what others make. */
function app(level: string): Manifest {
  const { spec, ...rest } = web({ probe: true, env: { LEVEL: level } }) as Manifest & {
    readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Record<string, unknown>] } } }
  }
  const { template } = spec
  const [container] = template.spec.containers
  const password = { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db-app', key: 'password' } } }
  const wanting = {
    ...container,
    env: [...(container['env'] as unknown[]), password],
    volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
  }
  const volumes = [{ name: 'tls', secret: { secretName: 'web-tls', items: [{ key: 'tls.crt', path: 'crt' }] } }]
  const pod = { ...template.spec, containers: [wanting], volumes }
  return { ...rest, spec: { ...spec, template: { ...template, spec: pod } } }
}

async function project(prefix: string, objects: readonly Manifest[]): Promise<Small> {
  const small = await smallProject(freshNamespace(prefix), 4, objects)
  await small.project.configure(['stages'], {
    data: { wait: ['Cluster/db', 'Certificate/web'], timeout: '20s', grace: { controller: '15s' } },
    app: { wait: ['Deployment/web'], timeout: '20s', grace: { missing: '3s' } },
  })
  return small
}

async function says({ namespace }: Small, what: string, status: unknown): Promise<void> {
  await kubectl(['wait', what, '-n', namespace, '--for=create', '--timeout=30s'])
  const patch = JSON.stringify([{ op: 'add', path: '/status', value: status }])
  await kubectl(['patch', what, '-n', namespace, '--subresource=status', '--type=json', '-p', patch])
}

const [DATABASE, CERT] = ['clusters.postgresql.cnpg.io/db', 'certificates.cert-manager.io/web']
const whole = (instances: number): object => ({
  ...{ instances, readyInstances: instances, phase: 'Cluster in healthy state' },
  ...{ currentPrimary: 'db-1', targetPrimary: 'db-1' },
})
const ready = (observedGeneration: number, status = 'True'): object => ({
  revision: 1,
  conditions: [
    {
      ...{ type: 'Ready', status, reason: status === 'True' ? 'Ready' : 'Failed', observedGeneration },
      ...{
        message: status === 'True' ? 'up to date' : 'the issuer refuses',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    },
  ],
})

/** As it stands after a deploy on which the operators acted. */
async function standing(prefix: string): Promise<Small> {
  const small = await project(prefix, [configMap('settings', { level: '1' }), database(1), certificate('a'), app('1')])
  await kubectl(['create', 'namespace', small.namespace])
  for (const [name, data] of [
    ['db-app', { password: 'of-the-environment' }],
    ['web-tls', { 'tls.crt': 'certificate-of-web', 'tls.key': 'key-of-web' }],
  ] as const)
    await kubectl(['apply', '-n', small.namespace, '-f', '-'], JSON.stringify(secretOf(name, data)))
  const [{ status, report }] = await Promise.all([
    small.deploy(),
    says(small, DATABASE, whole(1)),
    says(small, CERT, ready(1)),
  ])
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  return small
}

function secretOf(name: string, stringData: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}

async function rehearse(small: Small, ...flags: string[]): Promise<{ ran: Ran; report: RehearsalReport }> {
  const ran = await small.run('rehearse' as 'plan', ['--json', ...flags])
  return { ran, report: document<RehearsalReport>(ran) }
}

const outcome = ({ report }: Awaited<ReturnType<typeof rehearse>>): unknown => ({
  outcome: report.outcome,
  summary: report.rehearsal?.summary,
  verdict: report.verdict,
})

describe('a project whose operators run', () => {
  test('a change of what they look after, and of what runs beside it', async () => {
    const small = await standing('change')
    await small.render([configMap('settings', { level: '2' }), database(3), certificate('b'), app('2')])
    const before = await snapshot(small.namespace)
    const { ran, report } = await rehearse(small, '--fail', 'web=crash-loop')
    expect({ status: ran.status, ...(outcome({ ran, report }) as object) }).toEqual({
      status: 0,
      outcome: 'rehearsed',
      summary: 'rehearsed: 1 failure, 1 explained, 1 restored',
      verdict: null,
    })
    expect(report.rehearsal?.scene.notRehearsed).toEqual(
      expect.arrayContaining([
        'operators do not act, and what they look after is taken for ready: Certificate.cert-manager.io, Cluster.postgresql.cnpg.io',
      ]),
    )
    expect(await snapshot(small.namespace)).toEqual(before)
  }, 120_000)

  test('a first install', async () => {
    const small = await project('first', [database(2), certificate('a'), app('1')])
    const { ran, report } = await rehearse(small)
    expect({ status: ran.status, ...(outcome({ ran, report }) as object) }).toMatchObject({
      status: 0,
      outcome: 'rehearsed',
    })
    expect(report.rehearsal?.scene.notRehearsed).toEqual(
      expect.arrayContaining([
        'Secrets that something makes meanwhile are made up: db-app (Cluster/db), web-tls (Certificate/web)',
      ]),
    )
  }, 120_000)

  test('what is broken there, and stays as it is, is broken here', async () => {
    const small = await standing('broken')
    await says(small, CERT, ready(1, 'False'))
    await small.render([database(1), certificate('a'), app('2')])
    const { ran, report } = await rehearse(small)
    expect(outcome({ ran, report })).toMatchObject({
      outcome: 'would-fail',
      summary: expect.stringMatching(/web does not get ready: the issuer refuses|web is not ready/u),
    })
  }, 120_000)

  test('what is broken there, and is changed, is left open', async () => {
    const small = await standing('mended')
    await says(small, CERT, ready(1, 'False'))
    await small.render([database(1), certificate('b'), app('2')])
    const { ran, report } = await rehearse(small, '--fail', 'web=crash-loop')
    expect({ status: ran.status, ...(outcome({ ran, report }) as object) }).toEqual({
      status: 0,
      outcome: 'rehearsed',
      summary: 'rehearsed: 1 failure, 1 explained, 1 restored',
      verdict: null,
    })
    expect(report.rehearsal?.scene.notRehearsed).toEqual(
      expect.arrayContaining([
        "not ready in the environment, and tonight's deploy changes them or what they name: whether that mends them is not rehearsed: Certificate/web",
      ]),
    )
  }, 120_000)
})

/** Its operator makes a Deployment for it; what it counts in its status is not looked at. */
async function serves({ namespace }: Small, instances: number): Promise<void> {
  await kubectl(['wait', POOLER, '-n', namespace, '--for=create', '--timeout=30s'])
  const uid = await kubectl(['get', POOLER, '-n', namespace, '-o', 'jsonpath={.metadata.uid}'])
  const { metadata, spec } = web({ name: 'pool', replicas: instances }) as Manifest & {
    readonly spec: { readonly template: object }
  }
  const owner = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Pooler', name: 'pool', uid, controller: true }
  const template = { ...spec.template, metadata: { labels: { app: 'pool', 'cnpg.io/poolerName': 'pool' } } }
  const made = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, ownerReferences: [owner] },
    spec: { ...spec, template },
  }
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(made))
}

const POOLER = 'poolers.postgresql.cnpg.io/pool'
const pooler = (instances: number): Manifest => ({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Pooler',
  metadata: { name: 'pool' },
  spec: { instances, type: 'rw', cluster: { name: 'db' }, pgbouncer: { poolMode: 'session' } },
})

test('a Pooler has the pods that its operator would make', async () => {
  const small = await smallProject(freshNamespace('pooled'), 4, [database(1), pooler(1)])
  await small.project.configure(['stages'], { data: { wait: ['Cluster/db', 'Pooler/pool'], timeout: '20s' } })
  const first = await rehearse(small)
  expect(outcome(first)).toMatchObject({ outcome: 'rehearsed', verdict: null })
  const [{ status }] = await Promise.all([small.deploy(), says(small, DATABASE, whole(1)), serves(small, 1)])
  expect(status).toBe(0)
  await small.render([database(1), pooler(3)])
  const grown = await rehearse(small)
  expect(outcome(grown)).toMatchObject({ outcome: 'rehearsed', verdict: null })
  // More than the nodes have room for.
  const { spec } = pooler(1) as Manifest & { readonly spec: object }
  const pgbouncer = { name: 'pgbouncer', resources: { requests: { cpu: '1000' } } }
  await small.render([
    database(1),
    { ...pooler(1), spec: { ...spec, template: { spec: { containers: [pgbouncer] } } } },
  ])
  const heavy = await rehearse(small)
  expect(heavy.report.rehearsal?.deploy.verdict).toMatchObject({ code: 'E_UNSCHEDULABLE' })
}, 180_000)

test('an operator that does not run there does not act here', async () => {
  await defineKind(definitionOf('keda.sh', 'ScaledObject', { subresources: { status: {} }, schema: ANYTHING }))
  const scaler = { apiVersion: 'keda.sh/v1', kind: 'ScaledObject', metadata: { name: 'web' }, spec: {} }
  const small = await smallProject(freshNamespace('idle'), 4, [scaler])
  await small.project.configure(['stages'], {
    all: { wait: ['ScaledObject/web'], timeout: '20s', grace: { status: '1s', controller: '2s' } },
  })
  const { report } = await rehearse(small)
  expect(report.rehearsal?.deploy.verdict).toMatchObject({
    code: 'E_NO_OPERATOR',
    sentence: expect.stringContaining('no KEDA operator runs here'),
  })
}, 120_000)
