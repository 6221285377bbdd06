import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defineKind, forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { ANYTHING, definitionOf } from '../support/manifests.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'

/** A kind of an operator that forge knows and no other test has: its definition is there, the operator is not. */
const RESOURCE = 'rabbitmqclusters.rabbitmq.com'

beforeAll(async () => {
  await defineKind(definitionOf('rabbitmq.com', 'RabbitmqCluster', { subresources: { status: {} }, schema: ANYTHING }))
})

afterAll(async () => {
  await kubectl(['delete', 'crd', RESOURCE, '--wait=false'])
})

const broker = (replicas: number): Manifest => ({
  apiVersion: 'rabbitmq.com/v1',
  kind: 'RabbitmqCluster',
  metadata: { name: 'queue' },
  spec: { replicas },
})

const ABSENT = 'no RabbitMQ cluster operator runs here (Deployment rabbitmq-cluster-operator not found)'

async function waiting(): Promise<Small> {
  const small = await smallProject(freshNamespace('queue'), 4, [broker(1)])
  const grace = { status: '1s', controller: '2s' }
  await small.project.configure(['stages'], { data: { wait: ['RabbitmqCluster/queue'], timeout: '20s', grace } })
  return small
}

/** As its operator would write it; `observed`: of which generation. */
async function answer({ namespace }: Small, observed: number): Promise<void> {
  const conditions = ['AllReplicasReady', 'ClusterAvailable', 'ReconcileSuccess'].map((type) => ({
    type,
    status: 'True',
  }))
  const patch = JSON.stringify([{ op: 'add', path: '/status', value: { observedGeneration: observed, conditions } }])
  await kubectl(['patch', RESOURCE, 'queue', '-n', namespace, '--subresource=status', '--type=json', '-p', patch])
}

test('a resource whose operator does not run ends the deploy by name, and status and doctor say it', async () => {
  const small = await waiting()
  const { status, report } = await small.deploy('--no-rollback')
  expect({ status, verdict: report.verdict }).toMatchObject({
    status: 5,
    verdict: { code: 'E_NO_OPERATOR', message: `queue is not ready: nothing acts on it: ${ABSENT}` },
  })
  const look = await small.run('status', ['--json'])
  const rows = document<StatusDocument>(look).stages.flatMap(({ workloads }) => workloads)
  expect(rows).toMatchObject([{ state: 'failed', reason: `nothing acts on it: ${ABSENT}` }])
  const doctor = await forgeHere(['doctor', '--env', 'test', '-C', small.project.dir])
  expect(doctor.stdout.replace(/\s+/gu, ' ')).toContain(`nothing acts on RabbitmqCluster/queue: ${ABSENT}`)
})

test('a status that speaks of the spec before is not ready without it', async () => {
  const small = await waiting()
  await small.deploy('--no-rollback')
  await answer(small, 1)
  await small.render([broker(2)])
  const { report } = await small.deploy('--no-rollback')
  expect(report.verdict).toMatchObject({ code: 'E_NO_OPERATOR' })
  await answer(small, 2)
  expect(await small.deploy()).toMatchObject({ status: 0 })
})

test('without the right to list workloads everywhere it is not checked, and that is said', async () => {
  const small = await waiting()
  await small.deploy('--no-rollback')
  const kubeconfig = await readOnlyKubeconfig(small.namespace, { secrets: true })
  const look = await small.run('status', ['--json', '--kubeconfig', kubeconfig])
  const rows = document<StatusDocument>(look).stages.flatMap(({ workloads }) => workloads)
  const unchecked =
    'whether the RabbitMQ cluster operator runs is not checked: you may not list workloads in all namespaces'
  expect(rows.map(({ remark, reason }) => remark ?? reason)).toEqual([expect.stringContaining(unchecked)])
})
