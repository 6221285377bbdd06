import { expect, test } from '@jest/globals'
import { document, startForge, type Ran } from '../support/forge.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { exampleProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { says } from '../support/says.ts'
import { SLOW, tinyProject } from '../support/tiny.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'

interface Here {
  readonly dir: string
}

const ofProject = ({ dir }: Here): string[] => ['-e', 'sandbox', '-C', dir]

async function status(args: readonly string[]): Promise<Ran & { readonly found: StatusDocument }> {
  const ran = await forgeHere(['status', '--json', ...args])
  return { ...ran, found: document<StatusDocument>(ran) }
}

function workload({ stages }: StatusDocument, name: string): StatusDocument['stages'][number]['workloads'][number] {
  const all = stages.flatMap(({ workloads }) => workloads)
  const found = all.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no workload ${name} among ${all.map((one) => one.name).join(', ')}`)
  return found
}

async function deployed(prefix: string): Promise<{ readonly namespace: string; readonly dir: string }> {
  const namespace = freshNamespace(prefix)
  const { dir } = await tinyProject(namespace)
  expect(await forgeHere(['deploy', ...ofProject({ dir })])).toMatchObject({ status: 0 })
  return { namespace, dir }
}

test('a stack that is ready, then paused in part, then behind what the cluster holds; the same without a checkout', async () => {
  const namespace = freshNamespace('status')
  const project = await exampleProject(namespace)
  const never = await status(ofProject(project))
  expect({ status: never.status, sentence: never.found.sentence }).toEqual({
    status: 8,
    sentence: 'api-forge was never deployed to sandbox.',
  })
  expect(await forgeHere(['deploy', ...ofProject(project)])).toMatchObject({ status: 0 })

  const well = await status(ofProject(project))
  expect({ status: well.status, ready: well.found.ready, running: well.found.running }).toEqual({
    status: 0,
    ready: true,
    running: null,
  })
  expect(well.found.sentence).toBe('api-forge on sandbox is ready: 10 workloads.')
  expect(well.found.live).toMatchObject({ number: 1, state: 'deployed' })
  expect(well.found.stages.map(({ name }) => name)).toEqual(['databases', 'schema', 'temporal', 'app'])
  expect(workload(well.found, 'app')).toMatchObject({ state: 'ready', counts: { ready: 1, wanted: 1 }, behind: [] })

  await kubectl(['scale', 'deployment/worker', '--replicas=0', '-n', namespace])
  await kubectl(['patch', 'configmap/app-env', '-n', namespace, '--type=merge', '-p', '{"data":{"LOG_LEVEL":"DEBUG"}}'])
  await project.write('infra/secrets/keys/redis_password.txt', 'another-password-of-redis-long-enough')
  expect(await forgeHere(['secrets', 'apply', ...ofProject(project)])).toMatchObject({ status: 0 })

  const { kubeconfig } = await testSandbox()
  const elsewhere = ['--kubeconfig', kubeconfig, '-n', namespace, '--project', 'api-forge']
  const { found, status: exit } = await status(elsewhere)
  expect({ exit, environment: found.environment }).toEqual({ exit: 0, environment: 'sandbox' })
  expect(workload(found, 'worker')).toMatchObject({ state: 'paused', reason: 'scaled to 0' })
  expect(workload(found, 'redis').behind).toEqual(['redis-secrets r1, the cluster holds r2'])
  expect(workload(found, 'postgres').behind).toEqual([])
  expect(workload(found, 'app').behind).toEqual([
    'redis-secrets r1, the cluster holds r2',
    'app-env LOG_LEVEL, changed after the pod began',
  ])
})

test('what is wrong is told in five rows with the log of the container, and the exit status is 8', async () => {
  const { dir } = await tinyProject(freshNamespace('status-bad'))
  const steer = ['fail=crash-loop', 'log=no such table: users'].flatMap((text) => [
    '--set',
    `annotations.sandbox\\.forge\\.api-forge\\.io/${text}`,
  ])
  expect(await forgeHere(['deploy', ...ofProject({ dir }), ...steer])).toMatchObject({ status: 5 })

  const { status: exit, stdout } = await forgeHere(['status', ...ofProject({ dir })])

  expect(exit).toBe(8)
  const rows = stdout.split('\n')
  expect(rows[0]).toMatch(/^tiny on sandbox is not ready: web cannot start: it exits with status 1/u)
  expect(rows).toContainEqual(expect.stringMatching(/^failed #1 .* by .*@\S+: E_CRASH_LOOP$/u))
  expect(rows).toContainEqual(expect.stringMatching(/^✖ web +web +[01]\/1 +\d+s +\d+ {2}web:1$/u))
  expect(rows).toContainEqual(expect.stringMatching(/^web-\S+ │ no such table: users$/u))
  expect(rows).toContain('        E_CRASH_LOOP')
  for (const label of ['FAILED', 'why', 'where', 'now', 'next']) {
    expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^${label} +\\S`, 'u')))
  }
})

test('-n is refused in a project, and a cluster that does not answer ends with 7', async () => {
  const { dir } = await tinyProject(freshNamespace('status-n'))
  const refused = await forgeHere(['status', ...ofProject({ dir }), '-n', 'other', '--json'])
  expect({ status: refused.status, verdict: document(refused)['verdict'] }).toMatchObject({
    status: 2,
    verdict: { code: 'E_USAGE', hint: `forge status -e sandbox -C ${dir} --json` },
  })
  const view = JSON.parse(await kubectl(['config', 'view', '--raw', '-o', 'json'])) as {
    clusters: { cluster: object }[]
  }
  const nobody = {
    ...view,
    clusters: view.clusters.map((one) => ({ ...one, cluster: { ...one.cluster, server: 'https://127.0.0.1:1' } })),
  }
  const { write, dir: other } = await tinyProject('unused')
  await write('nobody.json', JSON.stringify(nobody))
  const away = await forgeHere([
    'status',
    '--kubeconfig',
    `${other}/nobody.json`,
    '-n',
    'x',
    '--project',
    'y',
    '--json',
  ])
  expect({ status: away.status, verdict: document(away)['verdict'] }).toMatchObject({
    status: 7,
    verdict: { code: 'E_CLUSTER_UNREACHABLE' },
  })
})

test('--watch tells a deploy that begins, what changes, and ends with 130 on Ctrl-C; a killed deploy is said', async () => {
  const { namespace, dir } = await deployed('status-watch')
  const { name } = await testSandbox()
  const start = (...args: string[]): ReturnType<typeof startForge> => startForge(args, { env: { FORGE_SANDBOX: name } })
  const watch = start('status', ...ofProject({ dir }), '--watch')
  await says(watch, /web +web +1\/1/u)

  const deploy = start('deploy', ...ofProject({ dir }), ...SLOW)
  await says(watch, /running: .* forge deploy/u)
  await says(watch, /· web 0\/1: old 1\/1 serving, new 0\/1/u)
  const during = await status(ofProject({ dir }))
  expect(during.found.running).toMatchObject({ state: 'running', text: expect.stringContaining('forge deploy') })

  deploy.kill('SIGKILL')
  await deploy
  const past = JSON.stringify({ spec: { renewTime: '2026-01-01T00:00:00.000000Z' } })
  await kubectl(['patch', 'lease/forge-tiny', '-n', namespace, '--type=merge', '-p', past])
  const { found } = await status(ofProject({ dir }))
  expect(found.running).toMatchObject({ state: 'interrupted', next: `forge recover --env sandbox -C ${dir}` })

  watch.kill('SIGINT')
  const { exitCode, stderr } = await watch
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' })
})
