import { expect, test } from '@jest/globals'
import { document, startForge } from '../support/forge.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { apply, deployment, until, untilPod } from '../support/pods.ts'
import { says } from '../support/says.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

async function deployed(prefix: string): Promise<{ readonly namespace: string; readonly args: readonly string[] }> {
  const namespace = freshNamespace(prefix)
  const { dir } = await tinyProject(namespace)
  const args = ['-e', 'sandbox', '-C', dir]
  expect(await forgeHere(['deploy', ...args])).toMatchObject({ status: 0 })
  return { namespace, args }
}

test('the lines of all pods of a component with their pods, masked; a name that is wrong is met with the nearest', async () => {
  const { namespace, args } = await deployed('logs')
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'held', labels: { 'forge.api-forge.io/project': 'tiny' } },
  }
  await apply(
    namespace,
    { ...secret, stringData: { password: 'correct-horse-battery' } },
    deployment({
      name: 'api',
      labels: { 'app.kubernetes.io/component': 'shop' },
      steer: { log: 'one\npassword is correct-horse-battery' },
    }),
  )
  await kubectl(['scale', 'deployment/api', '--replicas=2', '-n', namespace])
  await until(namespace, 'deployment', ['api'], 'jsonpath={.status.readyReplicas}=2')

  const { status, stdout } = await forgeHere(['logs', 'shop', ...args])
  expect(status).toBe(0)
  const rows = stdout.split('\n')
  expect(rows.filter((row) => /^api-\S+ │ one$/u.test(row))).toHaveLength(2)
  expect(rows.filter((row) => row.endsWith('│ password is •••'))).toHaveLength(2)
  expect(new Set(rows.map((row) => row.split(' ')[0])).size).toBe(2)
  expect(stdout).not.toContain('correct-horse-battery')
  const last = await forgeHere(['logs', 'shop', ...args, '--tail', '1'])
  expect(last.stdout.split('\n')).toHaveLength(2)

  const wrong = await forgeHere(['logs', 'shpo', ...args, '--json'])
  expect({ status: wrong.status, verdict: document(wrong)['verdict'] }).toMatchObject({
    status: 2,
    verdict: {
      code: 'E_COMPONENT_UNKNOWN',
      message: `nothing in namespace ${namespace} is called shpo; did you mean "shop"?`,
      hint: expect.stringMatching(/^forge logs shop --env sandbox -C \S+$/u),
    },
  })
})

test('-f goes on over a restart and into a new pod, and ends with 130 on Ctrl-C', async () => {
  const { namespace, args } = await deployed('logs-f')
  const steer = { fail: 'crash-loop', log: 'starting' }
  await apply(namespace, deployment({ name: 'api', steer }))
  await untilPod(namespace, 'api', '.status.phase', 'Running')
  const { name, kubeconfig } = await testSandbox()
  const place = ['--kubeconfig', kubeconfig, '-n', namespace]
  const logs = startForge(['logs', 'api', '-f', ...place], { env: { FORGE_SANDBOX: name } })

  await says(logs, /(?:^api-\S+ │ starting$[^]*){3}/mu)
  await kubectl(['rollout', 'restart', 'deployment/api', '-n', namespace])
  await says(logs, /^(api-\S+) │ starting$[^]*^(?!\1 )api-\S+ │ starting$/mu)
  logs.kill('SIGINT')
  const { exitCode, stderr } = await logs
  expect(exitCode).toBe(130)
  expect(stderr).toMatch(/^· api-\S+ began again \(restart \d\)$/mu)

  const previous = await forgeHere(['logs', 'api', '--previous', ...args])
  expect(previous.stdout).toMatch(/^api-\S+ │ starting$/mu)
  const none = await forgeHere(['logs', 'web', '--previous', ...args])
  expect({ status: none.status, stdout: none.stdout, stderr: none.stderr }).toEqual({
    status: 0,
    stdout: '',
    stderr: '· no container of web was restarted',
  })
})

test('by time, pattern and container; a pattern sees what is shown, and no secret', async () => {
  const { namespace, args } = await deployed('logs-grep')
  const held = { name: 'held', labels: { 'forge.api-forge.io/project': 'tiny' } }
  const log = 'GET /a 200\nGET /b 503\npassword is correct-horse-battery\nGET (c) 200'
  const containers = ['main', 'proxy'].map((name) => ({ name, image: 'example.test/main:1' }))
  await apply(
    namespace,
    { apiVersion: 'v1', kind: 'Secret', metadata: held, stringData: { password: 'correct-horse-battery' } },
    deployment({
      name: 'api',
      labels: { 'app.kubernetes.io/component': 'shop' },
      steer: { log },
      spec: { containers },
    }),
  )
  await until(namespace, 'deployment', ['api'], 'jsonpath={.status.readyReplicas}=1')
  const rows = async (...more: readonly string[]): Promise<string[]> => {
    const { status, stdout, stderr } = await forgeHere(['logs', 'shop', ...args, ...more])
    expect(status).toBe(0)
    return [...stdout.split('\n'), ...stderr.split('\n')]
      .filter((row) => row !== '')
      .map((row) => row.replace(/^api-[^/]+\//u, ''))
  }

  expect(await rows('-c', 'main', '--grep', '/ 5\\d\\d$/')).toEqual(['main │ GET /b 503'])
  expect(await rows('-c', 'main', '--grep', '/get/i', '--since', '1h')).toHaveLength(3)
  expect(await rows('-c', 'main', '--grep', '(c)', '--since', '1h')).toEqual(['main │ GET (c) 200'])
  expect(await rows('-c', 'main', '--grep', 'correct')).toEqual(['· none of the 6 lines has correct'])
  expect(await rows('-c', 'main', '--grep', '/is .{3}$/')).toEqual(['main │ password is •••'])
  expect(await rows('-c', 'main', '--grep', '/b/', '--tail', '1')).toEqual([
    '· none of the 1 lines has /b/; /b/ was looked for in the last 1 lines of each container alone (--tail)',
  ])
  expect(await rows('-c', 'main', '--previous')).toEqual(['· no container main of shop was restarted'])

  const { name: sandbox } = await testSandbox()
  const follow = startForge(['logs', 'shop', '-f', '-c', 'main', '--grep', '200', '--since', '1h', ...args], {
    env: { FORGE_SANDBOX: sandbox },
  })
  await says(follow, /GET \(c\) 200$/mu)
  await kubectl(['rollout', 'restart', 'deployment/api', '-n', namespace])
  await says(follow, /^(api-\S+) │ GET \/a 200$[^]*^(?!\1 )api-\S+ │ GET \/a 200$/mu)
  follow.kill('SIGINT')
  expect((await follow).stdout).not.toMatch(/503|password|proxy/u)
})

test.each([
  [
    ['--grep', '/(/'],
    'E_USAGE',
    /^--grep \/\(\/ is no regular expression of RE2: missing closing \)$/u,
    / --grep '\('$/u,
  ],
  [['--grep', ''], 'E_USAGE', /^--grep '' is empty/u, / --grep error$/u],
  [
    ['--since', 'yesterday'],
    'E_USAGE',
    /^--since yesterday is not a valid duration/u,
    /^forge logs web .* --since 5m$/u,
  ],
  [
    ['-c', 'wbe'],
    'E_CONTAINER_UNKNOWN',
    /^no pod of web has a container wbe; did you mean "web"\?$/u,
    / --container web$/u,
  ],
])('%j is refused with what was meant', async (flags, code, message, hint) => {
  const { args } = await deployed('logs-wrong')
  const refused = await forgeHere(['logs', 'web', ...args, '--json', ...flags])
  expect(document(refused)['verdict']).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
  expect(refused.status).toBe(2)
})
