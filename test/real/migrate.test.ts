import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { snapshot } from '../support/cluster.ts'
import { appOf, KUBECONFIG, print, RealNamespace, restarts, type Deployed } from '../support/real-cluster.ts'
import { realLegacy, rolledOut, type RealLegacy } from '../support/real-legacy.ts'
import { underTraffic, type TrafficReport } from '../support/real-traffic.ts'
import { watchNamespace, type Seen } from '../support/watch-namespace.ts'

// The stack that kubectl applied, with data in it, becomes a release while it is used, and is given back while it is used.
const ROWS = 500
const WORKFLOW = 'before-helm'
const WATCHED = ['deployment', 'service', 'secret', 'persistentvolumeclaim']

let namespace: RealNamespace
let stack: RealLegacy
let before: Record<string, unknown>

beforeAll(async () => {
  namespace = await RealNamespace.create('migrate')
  stack = await realLegacy(namespace)
  await sql(`INSERT INTO greetings (name) SELECT 'row ' || n FROM generate_series(1, ${ROWS}) AS n`)
  // Its timer is in Temporal's tables: it goes on after both, and ends.
  await temporal('start', '--type', 'Hello', '--task-queue', 'api-forge', '--start-delay', '240s', '--input', '"Ann"')
  before = await kept()
}, 400_000)

afterAll(async () => await namespace.remove())

/** As the superuser, whoever the container runs as. */
function psql(statement: string): string {
  const ask = `psql -d appdb -v ON_ERROR_STOP=1 -Atqc "${statement}"`
  return `if [ "$(id -u)" = 0 ]; then exec gosu postgres ${ask}; else exec ${ask}; fi`
}

async function sql(statement: string): Promise<string> {
  const { status, output } = await namespace.exec('postgres', psql(statement))
  expect({ statement, status, output }).toMatchObject({ status: 0 })
  return output
}

async function temporal(command: string, ...more: readonly string[]): Promise<string> {
  const args = ['exec', 'deploy/temporal-admin-tools', '--', 'temporal', 'workflow', command]
  return await namespace.kubectl([...args, '--workflow-id', WORKFLOW, ...more])
}

const realObjects = async (kinds: string): ReturnType<RealNamespace['objects']> => await namespace.objects(kinds)

/** What has data, an address or pods, with its UIDs. */
async function kept(): Promise<Record<string, unknown>> {
  const all = Object.entries(await snapshot(namespace.name, realObjects))
  return Object.fromEntries(
    all.filter(([name]) => /^(?:Deployment|Service|Secret|PersistentVolumeClaim)\//u.test(name)),
  )
}

interface Watched {
  readonly result: Deployed
  readonly traffic: TrafficReport
  readonly seen: Seen
}

async function underWatch(title: string, ...args: readonly string[]): Promise<Watched> {
  const watch = await watchNamespace(namespace.name, { kinds: WATCHED, cluster: KUBECONFIG })
  const run = async (): Promise<Deployed> => await namespace.forge('migrate-to-helm', stack.project, ...args)
  const { result, traffic } = await underTraffic(namespace, '/', run)
  const seen = await watch.close()
  const { sent, answers, slowest } = traffic
  print(
    `${title}, ${((result.end - result.begin) / 1000).toFixed(1)} s\n  ${sent} requests, a request every 50 ms: ${JSON.stringify(answers)}, slowest ${slowest} s`,
  )
  return { result, traffic, seen }
}

/** Nobody has noticed, and all that was there is there. */
async function expectAllKept({ traffic, seen }: Watched): Promise<void> {
  expect(traffic).toMatchObject({ answers: { '200': traffic.sent }, lost: [] })
  expect(seen.fewestReady('app')).toBeGreaterThan(0)
  expect(seen.mostMounting('postgres-data')).toBe(1)
  expect(seen.deleted.filter((name) => /^(?:Deployment|Service|PersistentVolumeClaim)\//u.test(name))).toEqual([])
  expect(Number(await sql(ROW_COUNT))).toBe(ROWS)
  expect(await temporal('describe')).toMatch(/ExecutionTime .* from now/u)
  expect(await namespace.get('/hello?name=Bob')).toEqual({ result: expect.stringMatching(/^Hello, Bob/u) })
}

const uids = (objects: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(objects).map(([name, one]) => [name, (one as { metadata: { uid: string } }).metadata.uid]),
  )

const ROW_COUNT = "SELECT count(*) FROM greetings WHERE name LIKE 'row %'"
const taking = (): string[] => ['--from', stack.from, '--confirm', 'temporal-data', '--yes']

test('a pod that answers otherwise than before brings the old stack back, while it serves', async () => {
  // Root by what kubectl applied, and not by the chart.
  const watched = await underWatch('migration with a check that fails', ...taking(), '--check', 'Deployment/app: id -u')

  expect(watched.result).toMatchObject({
    status: 4,
    report: {
      outcome: 'restored',
      verdict: { code: 'E_MIGRATE_CHECK', message: 'Deployment/app answers "1001", and before it was "0"' },
    },
  })
  await rolledOut(namespace)
  await expectAllKept(watched)
  expect(await kept()).toEqual(before)
}, 400_000)

test('a stack with data is taken over while it serves', async () => {
  const count = `Deployment/postgres: ${psql(ROW_COUNT)}`
  const watched = await underWatch('migration', ...taking(), '--check', count, '--check', 'Deployment/redis: id -u')

  expect(watched.result).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
  expect(watched.result.report.restarted.map(({ workload }) => workload).sort()).toEqual([
    'app',
    'postgres',
    'temporal',
  ])
  await expectAllKept(watched)
  expect(uids(await kept())).toMatchObject(uids(before))
}, 400_000)

test('what kubectl had stated and the chart does not is gone from the pods', async () => {
  const pods = (await namespace.pods()).filter(
    (pod) => pod.status.phase === 'Running' && /^(?:app|postgres|temporal)$/u.test(appOf(pod)),
  )
  expect(pods.map(appOf).sort()).toEqual(['app', 'postgres', 'temporal'])
  expect(restarts(pods)).toEqual([])
  // Root, what it was allowed, and files mounted one by one.
  for (const { spec } of pods) expect(JSON.stringify(spec)).not.toMatch(/"runAsUser":0\b|"add":\[|"subPath"/u)
  expect((await namespace.exec('app', 'id -u')).output).toBe('1001')
  expect((await namespace.exec('postgres', 'id -u')).output).toBe('999')
}, 60_000)

test('it is given back while it serves, and the workflow of before ends', async () => {
  const watched = await underWatch('undo', '--undo', '--yes')

  expect(watched.result).toMatchObject({ status: 0, report: { outcome: 'rolled-back', verdict: null } })
  await rolledOut(namespace)
  await expectAllKept(watched)
  expect(await kept()).toEqual(before)
  expect((await namespace.exec('postgres', 'id -u')).output).toBe('0')

  expect(await temporal('result', '--command-timeout', '200s')).toMatch(/Hello, Ann\. You are number/u)
}, 400_000)
