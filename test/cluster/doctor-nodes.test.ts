import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { examine, examineSmall, type Line } from '../support/examined.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { ownPool, withPod, type Pool } from '../support/pool.ts'
import { smallProject, type Manifest } from '../support/small.ts'

const namespace = freshNamespace('nodes')
let pool: Pool

beforeAll(async () => {
  await kubectl(['create', 'namespace', namespace])
  pool = await ownPool()
})

afterAll(async () => await pool.remove())

/** On the node of this test, with what its pods must say for that. */
const there = (more: object = {}): object => ({
  ...{ nodeSelector: pool.nodeSelector, tolerations: [pool.toleration], ...more },
})
const within = (values: string[]): object => {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'pool', operator: 'In', values }] }]
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } }
}
const apart = (key = 'kubernetes.io/hostname'): object => {
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: key }
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
}
const spread = (topologyKey: string, whenUnsatisfiable: string): object => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app: 'web' } } },
  ],
})
const gpu = { resources: { limits: { 'example.test/gpu': '1' } } }
const big = { resources: { requests: { cpu: '8' } } }

test.each<[string, () => Manifest, Partial<Line>, RegExp]>([
  [
    'a taint that its pods do not tolerate',
    () => withPod(sample.web(), { nodeSelector: pool.nodeSelector }),
    { state: 'problem', code: 'E_CAPACITY' },
    /^no node takes a pod of Deployment\/web: of \d+, .*\d+ not labelled pool=\S+, 1 tainted dedicated=\S+:NoSchedule$|1 tainted/u,
  ],
  [
    'a node affinity that no node has',
    () => withPod(sample.web(), { affinity: within(['no-such-pool']) }),
    { state: 'problem', code: 'E_CAPACITY' },
    /outside its node affinity \(pool=no-such-pool\)/u,
  ],
  [
    'a node selector that no node has',
    () => withPod(sample.web(), { nodeSelector: { pool: 'no-such-pool' } }),
    { state: 'problem', code: 'E_CAPACITY' },
    /^a pod of Deployment\/web wants a node with pool=no-such-pool; none of \d+ has that$/u,
  ],
  [
    'places to spread over that no node has',
    () => withPod(sample.web(), there(spread('example.test/rack', 'DoNotSchedule'))),
    { state: 'problem', code: 'E_CAPACITY' },
    /1 without the label example\.test\/rack to spread over/u,
  ],
  [
    'more pods that must be alone than nodes that take them',
    () => withPod(sample.web({ replicas: 2 }), there({ affinity: apart() })),
    { state: 'problem', code: 'E_CAPACITY' },
    /^2 pods of Deployment\/web must each have a kubernetes\.io\/hostname of their own; 1 node has 1 /u,
  ],
  [
    'an update that must wait for a place which its own pods hold',
    () => withPod(sample.web(), there({ affinity: apart() })),
    { state: 'warning', code: null },
    /^an update of Deployment\/web would hang: /u,
  ],
  [
    'a pod too large for the only node that it may use',
    () => withPod(sample.web(), there(), big),
    { state: 'problem', code: 'E_CAPACITY' },
    /asks for 8 CPU and 0Gi; the largest of 1 node offers 4 CPU and 8Gi \(passed over: \d+ not labelled pool=/u,
  ],
  [
    'more pods than that node has room for',
    () => withPod(sample.web({ replicas: 3 }), there(), { resources: { requests: { cpu: '2' } } }),
    { state: 'problem', code: 'E_CAPACITY' },
    /^3 pods of Deployment\/web ask for 2 CPU and 0Gi each; 1 node has room for 2 of them/u,
  ],
  [
    'a device that no node offers',
    () => withPod(sample.web(), {}, gpu),
    { state: 'warning', code: null },
    /asks for 1 example\.test\/gpu; none of \d+ nodes offers that now$/u,
  ],
])('finds %s', async (_, manifest, line, text) => {
  const { status, ills } = await examineSmall(namespace, [manifest()])
  const where = 'Deployment/web'
  expect(ills).toEqual([
    expect.objectContaining({
      ...line,
      group: 'workloads',
      where,
      hint: expect.any(String),
      text: expect.stringMatching(text),
    }),
  ])
  expect(status).toBe(line.state === 'problem' ? 3 : 0)
})

test.each<[string, () => object, string, RegExp]>([
  [
    'a pool that is not there',
    () => ({ selector: { pool: 'no-such-pool' } }),
    'E_REQUIRED_NODES',
    /nodes pool=no-such-pool are not there/u,
  ],
  [
    'a pool that is too small (8.5 CPU and 8.5 GB for Temporal)',
    () => ({ selector: pool.nodeSelector, cpu: 8.5, memory: '8.5G' }),
    'E_REQUIRED_NODES',
    /offer 4 CPU and 8Gi together \(1 node\), and 8\.5 CPU and 7\.9Gi are needed$/u,
  ],
])('finds %s, and so does a deploy', async (_, required, code, text) => {
  const { project } = await smallProject(namespace, 4, [sample.configMap('a', { a: '1' })])
  await project.configure(['requirements'], { nodes: [required()] })
  const { status, ills } = await examine(project.dir, 'test')
  expect(ills).toEqual([
    expect.objectContaining({ state: 'problem', group: 'project', code, text: expect.stringMatching(text) }),
  ])
  expect(ills[0]?.text).toMatch(/^forge\.yaml:\d+:\d+: required nodes /u)
  const deploy = await forgeHere(['deploy', '--env', 'test', '-C', project.dir, '--json'])
  expect([status, deploy.status, document<{ verdict: { code: string } }>(deploy).verdict.code]).toEqual([3, 3, code])
})

test('a deploy is refused for what the doctor finds', async () => {
  const small = await smallProject(namespace, 4, [withPod(sample.web(), { nodeSelector: pool.nodeSelector })])
  const { status, report } = await small.deploy()
  expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_CAPACITY' })
})

test('invents nothing of pods that the node takes, and they run there', async () => {
  const home = freshNamespace('fits')
  const strategy = { rollingUpdate: { maxUnavailable: 1 } }
  const affinity = { ...within([pool.name]), ...apart() }
  const web = withPod(sample.web({ probe: true }), there({ affinity, ...spread('pool', 'DoNotSchedule') }))
  Object.assign(web['spec'] ?? {}, { strategy })
  const windows = withPod(sample.web({ name: 'windows' }), { nodeSelector: { os: 'windows' } })
  const { selector, template } = windows['spec'] as { readonly selector: object; readonly template: object }
  const small = await smallProject(home, 4, [web, { ...windows, kind: 'DaemonSet', spec: { selector, template } }])
  await small.project.configure(['requirements'], { nodes: [{ selector: pool.nodeSelector, cpu: '4', memory: '8Gi' }] })
  const before = await examine(small.project.dir, 'test')
  expect(before.ills.filter(({ state }) => state !== 'unchecked')).toEqual([])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const node = await kubectl(['get', 'pods', '-n', home, '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}'])
  expect(node).toBe(pool.name)
  expect((await examine(small.project.dir, 'test')).ills).toEqual([])
  await small.run('uninstall', ['--yes'])
})

test('a deploy is refused for a class that only a StatefulSet asks for, and not for one that a volume made by hand has', async () => {
  const home = freshNamespace('sets')
  const set = sample.statefulSet('db', 'db', '1Gi', home)
  const small = await smallProject(home, 4, [sample.service('db'), set])
  const refused = await small.deploy()
  expect({ status: refused.status, code: refused.report.verdict?.code, where: refused.report.verdict?.where }).toEqual({
    status: 3,
    code: 'E_STORAGE_CLASS',
    where: 'StatefulSet/db',
  })
  const volume: Manifest = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: home },
    spec: {
      ...{ capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: home },
      ...{ hostPath: { path: '/data' }, persistentVolumeReclaimPolicy: 'Delete' },
    },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(volume))
  const { ills } = await examine(small.project.dir, 'test')
  expect(ills.filter(({ state }) => state === 'problem')).toEqual([])
  await kubectl(['delete', 'persistentvolume', home, '--wait=false'])
})
