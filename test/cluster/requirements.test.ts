import { beforeAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { smallProject, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** What somebody else runs in another namespace: an operator, and a Service with pods behind it. */
const ops = freshNamespace('ops')
const labelled = { app: 'broker' }

beforeAll(async () => {
  const broker = sample.web({ name: `${ops}-controller-manager`, selector: labelled, probe: true })
  const idle = sample.web({ name: 'idle', replicas: 0 })
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ops } },
    sample.service('broker', { selector: labelled, ports: [{ name: 'amqp', port: 5672 }] }),
    sample.service('empty', { selector: { app: 'nobody' } }),
    sample.secret('login', { user: 'a', password: 'b' }),
    broker,
    idle,
  ]
  await kubectl(['apply', '-n', ops, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await kubectl(['rollout', 'status', `deployment/${ops}-controller-manager`, '-n', ops, '--timeout=60s'])
})

async function requiring(requirements: unknown, namespace = freshNamespace('req')): Promise<Small> {
  const small = await smallProject(namespace, 4, [sample.configMap('settings', { level: '1' })])
  await small.project.configure(['requirements'], requirements)
  return small
}

test('a deploy whose requirements are met says so', async () => {
  const small = await requiring(
    {
      crds: [],
      operators: [ops, `${ops}/${ops}-controller-manager`],
      secrets: { login: ['user', 'password'] },
      nodes: [{ selector: { 'topology.kubernetes.io/region': 'sandbox' }, cpu: 8.5, memory: '8.5Gi' }],
      services: [`broker.${ops}:amqp`, `${ops}/broker:5672`, 'broker'],
      storageClass: 'any',
    },
    ops,
  )
  const { status, stderr } = await small.run('deploy', [])
  expect({ status, met: /8 requirements met/u.test(stderr) }).toEqual({ status: 0, met: true })
})

test('what a reader may not look at is not checked, and stops nothing', async () => {
  const namespace = freshNamespace('reader')
  await kubectl(['create', 'namespace', namespace])
  const kubeconfig = await readOnlyKubeconfig(namespace, { secrets: true })
  const small = await requiring({ operators: ['anyone'], services: [`broker.${ops}`] }, namespace)
  const plan = await small.plan('--kubeconfig', kubeconfig)
  expect(plan.notChecked).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^operator anyone: not checked, /u),
      expect.stringMatching(/^Service broker: not checked, /u),
    ]),
  )
})

test.each(['deploy', 'plan'] as const)(
  '%s is refused for all that is missing at once, and nothing is written',
  async (command) => {
    const small = await requiring({
      crds: ['widgets.example.test'],
      operators: [`${ops}/idle`, 'no-such-operator'],
      secrets: { login: ['user'] },
      nodes: [{ selector: { 'topology.kubernetes.io/zone': 'sandbox-b' }, cpu: '90000' }],
      services: [`empty.${ops}`, `broker.${ops}:5671`],
      storageClass: 'no-such-class',
    })
    const ran = await small.run(command, ['--json'])
    const { verdict } = document<DeployReport>(ran)
    expect({ status: ran.status, code: verdict?.code }).toEqual({ status: 3, code: 'E_REQUIRED_CRD' })
    expect(verdict?.message).toMatch(
      /^forge\.yaml:\d+:\d+: required CRD widgets\.example\.test is not served by the cluster .*and 7 more\)$/u,
    )
    const text = await small.run(command, [])
    for (const told of [
      `required operator ${ops}/idle does not run: Deployment/idle in namespace ${ops} is scaled to 0`,
      'required operator no-such-operator is not a workload in any namespace',
      'required Secret login is not in namespace',
      `required Service empty in namespace ${ops} has no ready endpoint`,
      'has no port 5671',
      'required nodes topology.kubernetes.io/zone=sandbox-b offer ',
      'and 90000 CPU and 0Gi are needed',
      'required StorageClass no-such-class does not exist',
    ])
      expect(text.stderr + text.stdout).toContain(told)
    expect(await object('namespace', small.namespace, small.namespace)).toBeUndefined()
  },
)

test.each([
  ['E_REQUIRED_OPERATOR', { operators: ['no-such-operator'] }],
  ['E_REQUIRED_SECRET', { secrets: { 'no-such-secret': [] } }],
  ['E_REQUIRED_SERVICE', { services: ['no-such-service:80'] }],
  ['E_REQUIRED_NODES', { nodes: [{ selector: { pool: 'no-such-pool' } }] }],
  ['E_REQUIRED_STORAGE', { storageClass: 'no-such-class' }],
])('%s', async (code, requirements) => {
  const { status, report } = await (await requiring(requirements)).deploy()
  expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code })
})
