import { afterAll, expect, test } from '@jest/globals'
import { chartAt, podTemplates } from '../support/chart.ts'
import { freshNamespace, kubectl, objects } from '../support/cluster.ts'

const worker = chartAt('temporal-worker')
const LEAST = 'default-values.yaml'

const made: string[] = []
afterAll(async () => {
  await kubectl(['delete', 'namespace', '--wait=false', ...made])
})

/** The nodes of three pods, which the scheduler has placed and the rest of the cluster runs. */
async function nodesOf(values: object): Promise<string[]> {
  const namespace = freshNamespace('spread')
  made.push(namespace)
  await kubectl(['create', 'namespace', namespace])
  const small = { resources: { requests: { cpu: '1m' } }, replicas: 3, networkPolicy: { enabled: false } }
  const list = await worker.render(LEAST, { ...small, ...values }, namespace)
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }))
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/temporal-worker', '--timeout=60s'])
  const pods = await objects('pods', namespace)
  return pods.map(({ spec }) => String(spec?.['nodeName']))
}

const OWN = [{ maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }]
test.each([
  [{}, undefined],
  [{ spread: false }, undefined],
  [{ spread: 'preferred' }, ['ScheduleAnyway', 'ScheduleAnyway']],
  [{ spread: 'required' }, ['DoNotSchedule', 'ScheduleAnyway']],
  [{ spread: 'required', topologySpreadConstraints: OWN }, ['DoNotSchedule']],
])('%j: what is asked of the scheduler, over nodes and zones', async (values, wanted) => {
  const { topologySpreadConstraints: asked } = podTemplates(await worker.render(LEAST, values))[0]?.spec as {
    topologySpreadConstraints?: typeof OWN
  }
  expect(asked?.map(({ whenUnsatisfiable }) => whenUnsatisfiable)).toEqual(wanted)
})

test.each(['preferred', 'required'])('%s: three nodes, of three zones', async (spread) => {
  const nodes = await nodesOf({ spread })
  const all = await objects('nodes', 'default')
  const zones = nodes.map((name) => all.find(({ metadata }) => metadata.name === name)?.metadata.labels)
  expect(new Set(zones.map((labels) => labels?.['topology.kubernetes.io/zone'])).size).toBe(3)
})

test('required: one node alone takes them all', async () => {
  const [node] = await objects('nodes', 'default')
  const nodeSelector = { 'kubernetes.io/hostname': node?.metadata.labels?.['kubernetes.io/hostname'] }
  expect(new Set(await nodesOf({ spread: 'required', nodeSelector }))).toEqual(new Set([node?.metadata.name]))
})
