import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { snapshot } from '../support/cluster.ts'
import { forge } from '../support/forge.ts'
import { appOf, image, KUBECONFIG, print, RealNamespace, restarts, type Pod } from '../support/real-cluster.ts'
import { realProject, useImage } from '../support/real-project.ts'
import { underTraffic, type TrafficReport } from '../support/real-traffic.ts'
import type { TestProject } from '../support/project.ts'

// One stack, upgraded again and again: every test leaves it healthy.
let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('upgrade')
  project = await realProject(namespace)
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
}, 300_000)

afterAll(async () => await namespace.remove())

afterEach(async () => {
  expect(
    restarts((await living()).filter((pod) => pod.metadata.labels?.['app.kubernetes.io/part-of'] === 'api-forge')),
  ).toEqual([])
})

async function living(): Promise<Pod[]> {
  return (await namespace.pods()).filter(({ status }) => status.phase === 'Running')
}

/** UIDs of the running pods by component. */
async function running(): Promise<Record<string, string>> {
  return Object.fromEntries((await living()).map((pod) => [appOf(pod), pod.metadata.uid]))
}

function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before)
    .filter((app) => before[app] !== after[app])
    .sort()
}

function say(title: string, traffic: TrafficReport): void {
  print(
    `${title}\n  ${traffic.sent} requests, a request every 50 ms: ${JSON.stringify(traffic.answers)}, slowest ${traffic.slowest} s`,
  )
}

const all200 = (traffic: TrafficReport) => ({ answers: { '200': traffic.sent }, lost: [] })

test('an upgrade of app and worker loses no request', async () => {
  const before = await running()
  await useImage(project, '2.0.0')

  const { result, traffic } = await underTraffic(namespace, '/health', async () => await namespace.deploy(project))

  say(`upgrade of app and worker to 2.0.0, ${((result.end - result.begin) / 1000).toFixed(1)} s`, traffic)
  expect(result).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(traffic).toMatchObject(all200(traffic))
  expect(traffic.sent).toBeGreaterThan(100)
  expect(changed(before, await running())).toEqual(['app', 'worker'])
  expect(await namespace.get('/hello?name=Ann')).toEqual({ result: expect.stringMatching(/^Hello, Ann/u) })
}, 200_000)

test('a changed configuration restarts exactly its consumers', async () => {
  const before = await running()
  await project.edit('.env', 'LOG_LEVEL=INFO', 'LOG_LEVEL=DEBUG')

  const { status, report } = await namespace.deploy(project)

  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(report.restarted).toEqual(['app', 'worker'].map((workload) => ({ workload, because: ['app-env LOG_LEVEL'] })))
  expect(changed(before, await running())).toEqual(['app', 'worker'])
  expect((await namespace.exec('app', 'echo "$LOG_LEVEL"')).output).toBe('DEBUG')
}, 120_000)

test('a changed configuration of PostgreSQL restarts it alone, and keeps its data', async () => {
  const before = await running()
  const greetings = await namespace.exec('postgres', 'psql -d appdb -Atc "SELECT count(*) FROM greetings"')
  await project.edit('infra/docker/prod/postgres/postgresql.conf', 'work_mem = 4MB', 'work_mem = 5MB')

  const { status, report } = await namespace.deploy(project)

  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(changed(before, await running())).toEqual(['postgres'])
  expect((await namespace.exec('postgres', 'psql -Atc "SHOW work_mem"')).output).toBe('5MB')
  expect(await namespace.exec('postgres', 'psql -d appdb -Atc "SELECT count(*) FROM greetings"')).toEqual(greetings)
}, 120_000)

test('what only initdb reads restarts nothing', async () => {
  const before = await running()
  await project.write(
    'infra/docker/prod/postgres/init-scripts/01-init-app.sh',
    `${await project.read('infra/docker/prod/postgres/init-scripts/01-init-app.sh')}# more\n`,
  )
  await project.write('infra/secrets/keys/postgres_password.txt', 'another-password-of-the-superuser')

  const { status, report } = await namespace.deploy(project)

  expect({ status, outcome: report.outcome, restarted: report.restarted }).toEqual({
    status: 0,
    outcome: 'deployed',
    restarted: [],
  })
  expect(changed(before, await running())).toEqual([])
}, 120_000)

test('a password is changed as docs/chart.md says: Secret, role, consumers', async () => {
  const before = await running()
  const password = 'another-password-of-appuser-long-enough'
  await project.write('infra/secrets/keys/postgres_app_user_pw.txt', password)

  const applied = await forge(['secrets', 'apply', '--env', 'real', '-C', project.dir, '--kubeconfig', KUBECONFIG])
  expect({ status: applied.status, stderr: applied.stderr }).toEqual({ status: 0, stderr: expect.any(String) })
  // Any change of a pod makes kubelet look at its volumes at once; without it they follow within about a minute.
  await namespace.kubectl(['annotate', 'pod', '-l', 'app.kubernetes.io/name=postgres', `forge.test/at=${Date.now()}`])
  const arrived = await namespace.exec(
    'postgres',
    `for i in $(seq 240); do grep -q '^${password}' /run/secrets/postgres_app_user_pw && exit; sleep 0.5; done; exit 1`,
  )
  expect(arrived.status).toBe(0)
  expect(await namespace.exec('postgres', '/docker-entrypoint-initdb.d/01-init-app.sh')).toEqual({
    status: 0,
    output: '01-init-app: roles, databases and rights are in place',
  })

  const { status, report } = await namespace.deploy(project)

  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(changed(before, await running())).toEqual(['app', 'worker'])
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok' })
}, 200_000)

test('the schema Job runs on an upgrade while the old server serves, and workflows go on', async () => {
  const script = 'infra/docker/prod/temporal/scripts/schema-setup.sh'
  const before = await running()
  await project.edit(
    script,
    'echo "schema-setup: both schemas are current"',
    'sleep 5\necho "schema-setup: both schemas are current, once more"',
  )
  await project.write(
    'deploy/values.yaml',
    `${await project.read('deploy/values.yaml')}\ntemporal: { config: { logLevel: warn } }\n`,
  )

  const { result, traffic } = await underTraffic(
    namespace,
    '/hello?name=Ann',
    async () => await namespace.deploy(project),
    0.5,
  )

  print(
    `upgrade of Temporal, ${((result.end - result.begin) / 1000).toFixed(1)} s\n  ${traffic.sent} workflows: ${JSON.stringify(traffic.answers)}, slowest ${traffic.slowest} s`,
  )
  expect(result).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(changed(before, await running())).toEqual(['temporal'])
  expect(
    await namespace.kubectl(['logs', '-l', 'app.kubernetes.io/name=temporal-schema-setup', '--tail', '-1']),
  ).toContain('both schemas are current, once more')
  expect(traffic).toMatchObject(all200(traffic))
  expect(traffic.sent).toBeGreaterThan(10)
}, 200_000)

test('a broken image is recognised and rolled back: all is as before, and no request is lost', async () => {
  const before = { pods: await running(), objects: await snapshot(namespace.name, realObjects) }
  await useImage(project, 'broken')
  await project.edit('.env', 'LOG_LEVEL=DEBUG', 'LOG_LEVEL=ERROR')

  const { result, traffic } = await underTraffic(namespace, '/health', async () => await namespace.deploy(project))

  say(`broken image, back after ${((result.end - result.begin) / 1000).toFixed(1)} s`, traffic)
  const { status, report } = result
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_CRASH_LOOP',
  })
  expect(JSON.stringify(report.verdict)).toMatch(/Deployment\/(?:app|worker)/u)
  expect(await evidence(report.evidence ?? '')).toContain('fatal: cannot load configuration')
  expect(traffic).toMatchObject(all200(traffic))
  expect(await snapshot(namespace.name, realObjects)).toEqual(before.objects)
  expect(changed(before.pods, await running())).toEqual([])

  await useImage(project, '2.0.0')
  await project.edit('.env', 'LOG_LEVEL=ERROR', 'LOG_LEVEL=DEBUG')
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
}, 200_000)

/** What was gathered before the rollback destroyed it, as one text. */
async function evidence(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  return (
    await Promise.all(files.map(async ({ parentPath, name }) => await readFile(join(parentPath, name), 'utf8')))
  ).join('\n')
}

const realObjects = async (kinds: string): ReturnType<RealNamespace['objects']> => await namespace.objects(kinds)

test('an image that takes 20 s to start is waited for, and no request is lost', async () => {
  await useImage(project, 'slow')

  const { result, traffic } = await underTraffic(namespace, '/health', async () => await namespace.deploy(project))

  const seconds = (result.end - result.begin) / 1000
  say(`image that takes 20 s, ${seconds.toFixed(1)} s`, traffic)
  expect(result).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(seconds).toBeGreaterThan(20)
  expect(traffic).toMatchObject(all200(traffic))
  const [app] = await namespace.objects('deployments', 'app.kubernetes.io/name=app')
  expect(JSON.stringify(app?.spec)).toContain(image('slow'))
}, 200_000)

test('forge rollback of a broken release loses no request', async () => {
  const before = { pods: await running(), objects: await snapshot(namespace.name, realObjects) }
  await useImage(project, 'broken')
  const broken = await namespace.deploy(project, '--no-rollback')
  expect({ status: broken.status, code: broken.report.verdict?.code }).toEqual({ status: 5, code: 'E_CRASH_LOOP' })

  const back = async (): ReturnType<RealNamespace['forge']> => await namespace.forge('rollback', project)
  const { result, traffic } = await underTraffic(namespace, '/health', back)

  say(`forge rollback of a broken release, ${((result.end - result.begin) / 1000).toFixed(1)} s`, traffic)
  expect(result).toMatchObject({ status: 0, report: { outcome: 'rolled-back', verdict: null } })
  expect(traffic).toMatchObject(all200(traffic))
  expect(await snapshot(namespace.name, realObjects)).toEqual(before.objects)
  expect(changed(before.pods, await running())).toEqual([])
}, 200_000)

test('forge rollback to an earlier release of app and worker loses no request', async () => {
  const before = await running()

  const back = async (): ReturnType<RealNamespace['forge']> => await namespace.forge('rollback', project)
  const { result, traffic } = await underTraffic(namespace, '/health', back)

  say(`forge rollback of app and worker to 2.0.0, ${((result.end - result.begin) / 1000).toFixed(1)} s`, traffic)
  expect(result).toMatchObject({ status: 0, report: { outcome: 'rolled-back', verdict: null } })
  expect(traffic).toMatchObject(all200(traffic))
  expect(traffic.sent).toBeGreaterThan(50)
  expect(changed(before, await running())).toEqual(['app', 'worker'])
  const [app] = await namespace.objects('deployments', 'app.kubernetes.io/name=app')
  expect(JSON.stringify(app?.spec)).toContain(image('2.0.0'))
}, 200_000)
