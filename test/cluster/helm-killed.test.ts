import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { configMap, web } from '../support/manifests.ts'
import { forgeHere, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { faultyHelm } from '../support/faulty-helm.ts'
import { document, startForge, type Ran } from '../support/forge.ts'
import { send } from '../support/processes.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallFiles, type Manifest } from '../support/small.ts'
import { projectOf } from '../support/project.ts'
import { stringify } from 'yaml'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

type Verb = 'upgrade' | 'rollback' | 'uninstall'

/** helm waits for it, with its record written and nothing else: there it can be killed. */
const waiting = (event: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'waits',
    annotations: { 'helm.sh/hook': event, 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
  },
  spec: {
    template: {
      metadata: { annotations: { 'sandbox.forge.api-forge.io/delay': '3s' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'waits', image: 'example.test/waits:1' }] },
    },
  },
})

const state = (image: string, event: string): Manifest[] => [
  web({ image }),
  configMap('settings', { image }),
  ...(event === '' ? [] : [waiting(event)]),
]

/** A field of the pods that the state before does not have. */
function withLabel([deployment, ...others]: readonly Manifest[]): Manifest[] {
  const { spec, ...rest } = deployment as Manifest & { readonly spec: { readonly template: { metadata: object } } }
  const { metadata } = spec.template
  const annotations = { 'example.test/only': 'only-of-the-bad' }
  return [
    { ...rest, spec: { ...spec, template: { ...spec.template, metadata: { ...metadata, annotations } } } },
    ...others,
  ]
}

async function scene(helm: 3 | 4, event: string, image = 'example.test/web:1') {
  const namespace = freshNamespace('killed')
  const project = await projectOf(smallFiles({ cluster: 'sandbox', namespace }, state(image, event)))
  const { path, folder } = await faultyHelm(helm, 'echo $$ > "$HERE/$1.pid"')
  const { name } = await testSandbox()
  const env = { FORGE_HELM: path, FORGE_SANDBOX: name }
  const args = (command: string, flags: readonly string[]): string[] => [
    command,
    '-e',
    'test',
    '-C',
    project.dir,
    ...flags,
  ]
  const run = async (command: string, ...flags: string[]): Promise<Ran> => await forgeHere(args(command, flags), env)
  /** Runs a command whose helm is killed while it waits; `both`: forge a moment before it. */
  const killed = async (verb: Verb, both: boolean, command: string, ...flags: string[]): Promise<Ran> => {
    const running = startForge(args(command, flags), { env })
    await pending(namespace, verb)
    if (both) send(running.pid ?? 0, 'SIGKILL')
    send(Number(await readFile(join(folder, `${verb}.pid`), 'utf8')), 'SIGKILL')
    const { exitCode, stdout, stderr } = await running
    return { status: exitCode, stdout, stderr }
  }
  const render = async (next: readonly Manifest[]): Promise<void> =>
    await project.write('values.yaml', stringify({ objects: next }))
  return { namespace, run, killed, render }
}

const STATUS = { upgrade: 'pending-upgrade,pending-install', rollback: 'pending-rollback', uninstall: 'uninstalling' }

async function pending(namespace: string, verb: Verb): Promise<void> {
  const selector = `owner=helm,status in (${STATUS[verb]})`
  while ((await kubectl(['get', 'secrets', '-n', namespace, '-l', selector, '-o', 'name'])) === '')
    await new Promise((resolve) => setTimeout(resolve, 100))
  // The hook is there, so helm waits for it.
  while ((await object('job', 'waits', namespace)) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 100))
}

async function imageOf(namespace: string): Promise<string> {
  return JSON.stringify((await object('deployment', 'web', namespace))?.spec)
}

async function helmStates(namespace: string): Promise<(string | undefined)[]> {
  const records = await objects('secrets', namespace, 'owner=helm')
  return records.map(({ metadata: { labels } }) => labels?.['status'])
}

const BROKEN = ['--json', '--timeout', '20s']

// Side by side: most of each is waiting.
test.concurrent.each([
  [3, false, 'recover'],
  [4, false, 'recover'],
  [3, true, 'recover'],
  [4, true, 'recover'],
  [4, false, 'deploy'],
] as const)(
  'helm %i killed during the automatic rollback (forge too: %s): forge %s ends it at what ran before',
  async (helm, both, next) => {
    const { namespace, run, killed, render } = await scene(helm, 'pre-rollback')
    expect(await run('deploy')).toMatchObject({ status: 0 })
    await render([configMap('extra', { only: 'there' }), ...withLabel(state('a.invalid/web:2', ''))])

    const ran = await killed('rollback', both, 'deploy', ...BROKEN)

    if (!both) {
      const { outcome, verdict } = document<DeployReport>(ran)
      expect({ status: ran.status, outcome, verdict }).toMatchObject({
        status: 5,
        outcome: 'failed',
        verdict: { code: 'E_IMAGE_PULL', hint: expect.stringMatching(/^forge recover .*--env test/u) },
      })
    }
    await render(state('example.test/web:3', ''))
    const after = await run(next, '--json')
    const { outcome } = document<{ outcome: string }>(after)
    expect({ status: after.status, outcome }).toEqual({
      status: 0,
      outcome: next === 'deploy' ? 'deployed' : 'restored',
    })
    expect(await imageOf(namespace)).toContain(`example.test/web:${next === 'deploy' ? 3 : 1}`)
    // What only the bad revision had went with it: fields as well as objects.
    expect(await imageOf(namespace)).not.toContain('only-of-the-bad')
    expect(await object('configmap', 'extra', namespace)).toBeUndefined()
    const states = await helmStates(namespace)
    expect({
      deployed: states.includes('deployed'),
      pending: states.filter((one) => one?.startsWith('pending')),
    }).toEqual({
      deployed: true,
      pending: [],
    })
    expect(await run('deploy')).toMatchObject({ status: 0 })
    expect(await run('rollback')).toMatchObject({ status: 0 })
  },
)

test.concurrent.each([3, 4] as const)('helm %i killed in an upgrade: what ran before runs again', async (helm) => {
  const { namespace, run, killed, render } = await scene(helm, '')
  expect(await run('deploy')).toMatchObject({ status: 0 })
  await render(state('example.test/web:2', 'pre-upgrade'))

  const ran = await killed('upgrade', false, 'deploy', '--json')

  const { outcome, verdict } = document<DeployReport>(ran)
  expect({ status: ran.status, outcome, verdict }).toMatchObject({
    status: 4,
    outcome: 'restored',
    verdict: { code: 'E_HELM', message: 'helm upgrade failed: somebody ended it (SIGKILL)' },
  })
  expect(await imageOf(namespace)).toContain('example.test/web:1')
})

test.concurrent.each([
  [3, 'pre-install', []],
  [4, 'pre-install', []],
  [4, 'pre-upgrade', ['--no-rollback']],
] as const)('helm %i killed where nothing goes back (%s %j): the next deploy goes on', async (helm, event, flags) => {
  const { namespace, run, killed, render } = await scene(helm, event === 'pre-install' ? event : '')
  if (event === 'pre-upgrade') {
    expect(await run('deploy')).toMatchObject({ status: 0 })
    await render(state('example.test/web:2', event))
  }

  expect(await killed('upgrade', false, 'deploy', '--json', ...flags)).toMatchObject({ status: 5 })

  await render(state('example.test/web:3', ''))
  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(await imageOf(namespace)).toContain('example.test/web:3')
})

test.concurrent.each([
  [3, 'uninstall'],
  [4, 'uninstall'],
  [4, 'deploy'],
] as const)('helm %i killed in an uninstallation: forge %s goes on', async (helm, next) => {
  const { namespace, run, killed } = await scene(helm, 'pre-delete')
  expect(await run('deploy')).toMatchObject({ status: 0 })

  expect(await killed('uninstall', false, 'uninstall', '--yes', '--json')).toMatchObject({ status: 5 })

  expect(await run(next, '--yes')).toMatchObject({ status: 0 })
  expect((await object('deployment', 'web', namespace)) === undefined).toBe(next === 'uninstall')
})

test.concurrent.each([3, 4] as const)(
  'helm %i killed in forge rollback: what ran before it runs again',
  async (helm) => {
    const { namespace, run, killed, render } = await scene(helm, 'pre-rollback')
    expect(await run('deploy')).toMatchObject({ status: 0 })
    await render(state('example.test/web:2', ''))
    expect(await run('deploy')).toMatchObject({ status: 0 })

    const ran = await killed('rollback', false, 'rollback', '--json')

    expect({ status: ran.status, outcome: document<DeployReport>(ran).outcome }).toEqual({
      status: 4,
      outcome: 'restored',
    })
    expect(await imageOf(namespace)).toContain('example.test/web:2')
  },
)
