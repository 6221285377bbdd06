import { execa } from 'execa'
import { afterEach, expect, test } from '@jest/globals'
import { forge } from '../support/forge.ts'
import { kube, KUBECONFIG, print, RealNamespace, type Pod } from '../support/real-cluster.ts'
import { follow } from '../support/real-watch.ts'
import { scriptedWorker } from '../support/real-worker.ts'

// The chart temporal-worker as its README says it for production; the add-on `metrics`.
const WORKER = 'temporal-worker'
const DEPLOYMENT = `deployment/${WORKER}`
const GOOD = { status: 0, report: { outcome: 'deployed', verdict: null } }

let namespace: RealNamespace

afterEach(async () => await namespace.remove())

const ready = async (): Promise<void> =>
  await namespace.waitFor(DEPLOYMENT, 'condition=Available', '60s').then(() => undefined)
const replicas = async (): Promise<unknown> => (await namespace.objects('deployments'))[0]?.spec?.['replicas']

test('an autoscaler with real metrics: up under load, as many through a deploy, down without', async () => {
  namespace = await RealNamespace.create('autoscale')
  const busy = 'trap "exit 0" TERM; while [ ! -e /tmp/quiet ]; do :; done; while :; do sleep 1; done'
  const behavior = { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 0 } }
  const project = await scriptedWorker(namespace, busy, {
    autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 60, behavior },
  })
  expect(await namespace.deploy(project)).toMatchObject(GOOD)
  let begin = Date.now()
  await namespace.waitFor(DEPLOYMENT, 'jsonpath={.spec.replicas}=3', '180s')
  print(`scaled from 1 to 3 after ${((Date.now() - begin) / 1000).toFixed(0)} s`)

  const seen: number[] = []
  const stop = follow<number>(namespace.name, DEPLOYMENT, '.spec.replicas', (count) => seen.push(count))
  const deployed = await namespace.deploy(project, '--set', `${WORKER}:env.LOG_LEVEL=debug`)
  await stop()
  expect(deployed).toMatchObject(GOOD)
  expect(deployed.report.restarted.map(({ workload }) => workload)).toEqual([WORKER])
  expect(new Set(seen)).toEqual(new Set([3]))
  expect(await replicas()).toBe(3)

  const pods = await namespace.pods(WORKER)
  await Promise.all(
    pods.map(async ({ metadata }) => await namespace.kubectl(['exec', metadata.name, '--', 'touch', '/tmp/quiet'])),
  )
  begin = Date.now()
  await namespace.waitFor(DEPLOYMENT, 'jsonpath={.spec.replicas}=1', '180s')
  print(`scaled from 3 to 1 after ${((Date.now() - begin) / 1000).toFixed(0)} s`)
}, 400_000)

/** Works without a pause, four seconds each, and begins nothing after SIGTERM. */
const WORKS = `
trap 'stop=1' TERM
n=0
while [ -z "$stop" ]; do
  n=$((n + 1)); echo "activity $n began"
  i=0; while [ $i -lt 20 ]; do sleep 0.2; i=$((i + 1)); done
  echo "activity $n ended"
done
echo drained
`

interface Refused {
  readonly status: number | undefined
  readonly said: string
}

/** What a drain of a node does with each pod (https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/). */
async function evict({ metadata: { name } }: Pod): Promise<Refused> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: namespace.name } }
  const path = `/api/v1/namespaces/${namespace.name}/pods/${name}/eviction`
  const { exitCode, stderr } = await kube(['create', '--raw', path, '-f', '-'], {
    input: JSON.stringify(eviction),
    reject: false,
  })
  return { status: exitCode, said: stderr }
}

/** As a drain begins: the node takes no new pods meanwhile. */
async function cordoned<T>({ spec: { nodeName } }: Pod, act: () => Promise<T>): Promise<T> {
  await kube(['cordon', nodeName])
  try {
    return await act()
  } finally {
    await kube(['uncordon', nodeName])
  }
}

const REFUSED = { status: 1, said: expect.stringMatching(/violate the pod's disruption budget/u) }
const allowed = async (count: number): Promise<void> =>
  await namespace.waitFor(`pdb/${WORKER}`, `jsonpath={.status.disruptionsAllowed}=${count}`, '60s')

test('a drain: refused of the only pod, taken of one of two, which ends what it has begun', async () => {
  namespace = await RealNamespace.create('drain')
  const budget = { podDisruptionBudget: { enabled: true, minAvailable: 1 } }
  const project = await scriptedWorker(namespace, WORKS, { replicas: 2, longestActivitySeconds: 10, ...budget })
  expect(await namespace.deploy(project)).toMatchObject(GOOD)

  await namespace.kubectl(['scale', DEPLOYMENT, '--replicas=1'])
  await namespace.waitFor(DEPLOYMENT, 'jsonpath={.status.replicas}=1')
  await allowed(0)
  const [only] = (await namespace.pods(WORKER)) as [Pod]
  expect(await cordoned(only, async () => await evict(only))).toEqual(REFUSED)

  await namespace.kubectl(['scale', DEPLOYMENT, '--replicas=2'])
  await allowed(1)
  const logs = [
    '--kubeconfig',
    KUBECONFIG,
    '-n',
    namespace.name,
    'logs',
    '--follow',
    '--timestamps',
    only.metadata.name,
  ]
  const following = execa('kubectl', logs, { stdin: 'ignore' })
  await new Promise((resolve) => following.stdout.once('data', resolve))
  const [other] = (await namespace.pods(WORKER)).filter(({ metadata: { name } }) => name !== only.metadata.name) as [
    Pod,
  ]
  const evictedAt = await cordoned(only, async () => {
    const at = new Date()
    expect(await evict(only)).toEqual({ status: 0, said: '' })
    expect(await evict(other)).toEqual(REFUSED)
    return at
  })

  const lines = (await following).stdout.split('\n').map((line) => line.split(/ (.*)/su) as [at: string, said: string])
  const [ended, drained] = lines.slice(-2)
  expect(ended?.[1]).toMatch(/^activity \d+ ended$/u)
  expect(drained?.[1]).toBe('drained')
  const began = lines.filter(([, said]) => said.endsWith('began'))
  expect(new Date(began.at(-1)?.[0] ?? NaN) < evictedAt && evictedAt < new Date(ended?.[0] ?? NaN)).toBe(true)
  await allowed(1)
  await ready()
}, 200_000)

const SECRET = 'temporal-worker-secrets'

test('a secret that is too short: the verdict has its name, and not its value; with one that is not, it deploys', async () => {
  namespace = await RealNamespace.create('verify')
  const give = async (value: string): Promise<string> =>
    await namespace.kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET }, stringData: { API_KEY: value } }),
    )
  await give('hush-hush')
  const project = await scriptedWorker(namespace, WORKS, {
    secrets: { existing: [SECRET] },
    verifySecrets: { enabled: true, variables: { API_KEY: 32, OTHER_KEY: 1 } },
  })
  const { status, stderr } = await forge(['deploy', '--env', 'real', '-C', project.dir, '--kubeconfig', KUBECONFIG])
  expect(status).toBe(5)
  expect(stderr).toMatch(/its init container verify-secrets exits with status 1[^]*E_INIT_FAILED/u)
  expect(stderr.replace(/\s+/gu, ' ')).toContain(
    `fatal: API_KEY has fewer than 32 characters (Secret ${SECRET}); OTHER_KEY is not there (Secret ${SECRET})`,
  )
  expect(stderr).not.toContain('hush')

  await give('hush'.repeat(8))
  await project.edit('worker.yaml', 'OTHER_KEY: 1', 'API_KEY_2: 1')
  await namespace.kubectl(['patch', 'secret', SECRET, '-p', '{"stringData":{"API_KEY_2":"x"}}'])
  expect(await namespace.deploy(project)).toMatchObject(GOOD)
}, 200_000)
