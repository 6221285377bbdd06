import { createServer } from 'node:net'
import { afterAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'
import { deployThatWaits } from '../support/waiting-deploy.ts'
import { Webhook } from '../support/webhook.ts'

const webhook = new Webhook()
afterAll(() => webhook.close())

const SECRET = 'B0KTD4RQ/xoq9Zt7canary2Lw'
const BROKEN = ['--set', 'image=shop.invalid/web:2']

async function listening(prefix: string, notify: readonly object[]) {
  const namespace = freshNamespace(prefix)
  const project = await tinyProject(namespace)
  await project.configure(['notify'], notify)
  return { namespace, args: ['-e', 'sandbox', '-C', project.dir] }
}

test('a deploy, a failed one and a rollback are told, each to who wants to hear of it, and the address to nobody', async () => {
  const { namespace, args } = await listening('notify', [
    { webhook: { env: 'HOOK' } },
    { webhook: { env: 'HOOK_OF_FAILURES' }, on: ['failed'] },
  ])
  const env = {
    HOOK: await webhook.url(`/services/${SECRET}`),
    HOOK_OF_FAILURES: await webhook.url(`/failures/${SECRET}`),
  }
  const run = async (...words: readonly string[]) => {
    const ran = await forgeHere([...words, ...args], env)
    expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/canary2|B0KTD4RQ/u)
    return ran
  }

  const plan = await run('plan')
  expect(plan.stdout).toMatch(/^Tells {4}environment variable HOOK {2}failed, deployed, rolled-back$/mu)
  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(webhook.heard()).toEqual([
    expect.stringMatching(/^✔ tiny on sandbox: deploy #1 is deployed\nby \S+@\S+, \d+ s$/u),
  ])
  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(webhook.heard()).toEqual([])

  expect(await run('deploy', ...BROKEN)).toMatchObject({ status: 4 })
  const failure =
    /^✖ tiny on sandbox: deploy #2 failed, what ran before runs again\nE_IMAGE_PULL: .*shop\.invalid.*\nby \S+, \d+ s$/u
  expect(webhook.messages.map(({ path }) => path.split('/')[1]).toSorted()).toEqual(['failures', 'services'])
  expect(webhook.heard()).toEqual([expect.stringMatching(failure), expect.stringMatching(failure)])

  expect(await run('deploy', '--set', 'replicas=2')).toMatchObject({ status: 0 })
  expect(await run('rollback', '--yes')).toMatchObject({ status: 0 })
  expect(webhook.heard()).toEqual([
    expect.stringContaining('deploy #3 is deployed'),
    expect.stringMatching(/^✔ tiny on sandbox: rollback #4 is done: what ran before runs again\n/u),
  ])

  const unset = await forgeHere(['deploy', '--json', '--set', 'replicas=3', ...args])
  expect({ status: unset.status, verdict: document(unset)['verdict'] }).toMatchObject({
    status: 3,
    verdict: {
      code: 'E_NOTIFY_SOURCE',
      message: expect.stringMatching(/^forge\.yaml:\d+:\d+: environment variable HOOK is not set .*\(and 1 more\)$/u),
      hint: expect.stringContaining('forge explain E_NOTIFY_SOURCE'),
    },
  })
  const silent = await forgeHere(['rollback', '3', '--yes', ...args])
  expect({ status: silent.status, namespace }).toEqual({ status: 0, namespace })
  expect(silent.stderr).toMatch(
    /^warning {2}E_NOTIFY_SOURCE: environment variable HOOK is not set .*: nobody is told$/mu,
  )
})

test('a recovery is told, and one that has nothing to do is not', async () => {
  const { args } = await listening('notify-recover', [{ webhook: { env: 'HOOK' } }])
  const HOOK = await webhook.url(`/services/${SECRET}`)
  expect(await forgeHere(['deploy', ...args], { HOOK })).toMatchObject({ status: 0 })
  const { run } = await deployThatWaits(args.at(-1) ?? '', { env: { HOOK }, more: ['--set', 'data.NEW=yes'] })
  run.kill('SIGKILL')
  await run
  webhook.heard()
  expect(await forgeHere(['recover', ...args], { HOOK })).toMatchObject({ status: 0 })
  expect(webhook.heard()).toEqual([
    expect.stringMatching(/^✔ tiny on sandbox: recover #2: what ran before runs again\nby \S+, \d+ s$/u),
  ])
  expect(await forgeHere(['recover', ...args], { HOOK })).toMatchObject({ status: 0 })
  expect(webhook.heard()).toEqual([])
})

test('who does not take a message holds nothing up: a warning each, and the exit status of the deploy', async () => {
  const tls = (await testSandbox()).kubeconfig
  const server = /server: (https:\/\/\S+)/u.exec(await (await import('node:fs/promises')).readFile(tls, 'utf8'))?.[1]
  const closed = await closedPort()
  const { args } = await listening(
    'notify-bad',
    ['REFUSING', 'SLOW', 'CLOSED', 'UNTRUSTED', 'MOVED'].map((name) => ({ webhook: { env: name } })),
  )
  const begun = performance.now()
  const { status, stderr } = await forgeHere(['deploy', ...args], {
    REFUSING: await webhook.url('/500'),
    SLOW: await webhook.url('/slow'),
    CLOSED: `http://127.0.0.1:${closed}/hook`,
    UNTRUSTED: `${server}/hook`,
    MOVED: await webhook.url('/302'),
  })
  expect(status).toBe(0)
  expect(performance.now() - begun).toBeLessThan(60_000)
  const rows = stderr
    .split('\n')
    .flatMap((row) => /^warning {2}E_NOTIFY_FAILED: the webhook of environment variable (.*)$/u.exec(row)?.[1] ?? [])
  expect(rows).toEqual([
    'REFUSING was not told: it answered with status 500',
    'SLOW was not told: no answer within 5 s',
    'CLOSED was not told: it could not be reached (ECONNREFUSED)',
    expect.stringMatching(/^UNTRUSTED was not told: it could not be reached \(\w*(?:CERT|SIGN|VERIFY)\w*\)$/u),
    'MOVED was not told: it answered with status 302',
  ])
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
