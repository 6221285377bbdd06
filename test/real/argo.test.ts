import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { argoShop, BUILD_STAND_IN, builtImage } from '../support/argo-shop.ts'
import { buildahStore } from '../support/buildah.ts'
import { canary, search } from '../support/canaries.ts'
import { forge } from '../support/forge.ts'
import type { TestProject } from '../support/project.ts'
import * as real from '../support/real-argo.ts'
import { kubectl, KUBECONFIG, print, RealNamespace } from '../support/real-cluster.ts'
import { Checkout } from '../support/real-git.ts'

// k8s/argo with Argo's own controller, forge's own image, two private repositories, in a namespace of the level "restricted". What builds is a
// stand-in: buildah of this machine, beforehand.
const LOGIN = canary('login')

let dir = ''
let env: Record<string, string>
/** Where workflows run, and where they deploy to. */
let workflows: RealNamespace
let shop: RealNamespace
let project: TestProject
let app: Checkout
let config: Checkout

async function makeSecrets(): Promise<void> {
  const auth = await readFile(real.AUTH, 'utf8')
  const secret = (name: string, stringData: object, type = 'Opaque'): object => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData },
  })
  const login = { '.dockerconfigjson': auth }
  await real.applied(workflows, [
    secret('forge-git', { username: 'rig', password: 'rig-secret' }),
    secret('forge-registry', login, 'kubernetes.io/dockerconfigjson'),
    secret('forge-env', { LOGIN_PASSWORD: LOGIN.value }),
  ])
  await real.applied(shop, [secret('pull', login, 'kubernetes.io/dockerconfigjson')])
}

/** As docs/argo.md says it: forge prints what its account needs. */
async function giveRights(): Promise<void> {
  const subject = `serviceaccount:${workflows.name}/forge-deploy`
  const at = ['--env', 'real', '--kubeconfig', KUBECONFIG, '-C', join(project.dir, 'config')]
  const { stdout, status } = await forge(['rbac', '--subject', subject, ...at], {
    env: { ...env, LOGIN_PASSWORD: 'x' },
  })
  expect(status).toBe(0)
  await kubectl(['apply', '-f', '-'], stdout)
}

/** The environment `real` is deployed to, by its own semaphore. */
const environments = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'forge-environments' } },
  data: { real: '1' },
}

async function build(): Promise<string> {
  const [one, other] = [await builtImage(project, 'app', env), await builtImage(project, 'worker', env)]
  const built = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'built' }, data: { app: one, worker: other } }
  await real.applied(workflows, [built])
  return `${one}\n${other}\n--yes`
}

beforeAll(async () => {
  for (const [name, value] of Object.entries({ CLI: real.CLI_IMAGE, REGISTRY: real.REGISTRY, AUTH: real.AUTH }))
    if (value === '') throw new Error(`${name} is not set: docs/real-cluster.md says what argo.test.ts needs`)
  dir = await mkdtemp(join(tmpdir(), 'forge-argo-'))
  env = await buildahStore(join(dir, 'store'))
  workflows = await RealNamespace.create('argo')
  shop = await RealNamespace.create('argo-shop')
  await kubectl(['label', 'namespace', workflows.name, 'pod-security.kubernetes.io/enforce=restricted'])
  project = await argoShop(shop.name)
  app = await Checkout.begin(join(project.dir, 'app'), `private/${shop.name}-app`)
  config = await Checkout.begin(join(project.dir, 'config'), `private/${shop.name}-config`)
  const objects = (await real.argoObjects()).filter(({ metadata }) => metadata.name !== 'forge-build')
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'forge-build' } }
  await real.applied(workflows, [...objects, environments, BUILD_STAND_IN, account])
  await makeSecrets()
  await giveRights()
}, 240_000)
afterAll(async () => {
  await workflows.remove()
  await shop.remove()
  await rm(dir, { recursive: true, force: true })
})

async function push(message: string): Promise<void> {
  for (const one of [app, config]) if ((await one.changedFiles()).length > 0) await one.push(message)
}

async function start(template: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return await real.submit(workflows, template, {
    ...{ env: 'real', 'app-repo': app.url, 'config-repo': config.url, 'forge-image': real.CLI_IMAGE, ...more },
  })
}

interface Deploy {
  readonly number: number
  readonly state: string
  readonly by: string
  readonly live: boolean
}
async function history(): Promise<Deploy[]> {
  const at = ['--env', 'real', '--kubeconfig', KUBECONFIG, '-C', join(project.dir, 'config')]
  const { stdout } = await forge(['history', '--json', ...at])
  return (JSON.parse(stdout) as { readonly deploys: Deploy[] }).deploys
}

const revs = async (): Promise<string[]> =>
  (await shop.objects('pods')).flatMap(({ metadata }) => metadata.labels?.['rev'] ?? []).sort()

test('argo lint has nothing to say of any template', async () => {
  const files = globSync('**/*.yaml', { cwd: real.ARGO }).filter((file) => !file.includes('kustomization'))
  expect(await real.argo(['lint', '--offline', '--no-color', ...files.map((file) => join(real.ARGO, file))])).toContain(
    'no linting errors found',
  )
})

test('the deploy workflow: two private repositories, images by digest, who deployed', async () => {
  await push('first')
  const args = await build()
  const ran = await real.ended(workflows, await start('forge-deploy', { args }))
  expect({ phase: ran.phase, message: ran.step('deploy')?.message }).toEqual({ phase: 'Succeeded' })
  expect(ran.output('deploy', 'outcome')).toBe('deployed')
  expect(ran.output('conclude', 'outcome')).toBe('deployed')
  expect(await history()).toMatchObject([{ number: 1, state: 'deployed', by: ran.name, live: true }])
  expect(await revs()).toEqual(['one', 'one'])
  const [pod] = await shop.pods()
  expect((pod?.spec.containers[0] as { readonly image?: string }).image).toMatch(/:sha-\w+@sha256:/u)
}, 300_000)

test('a failing deploy goes back by itself; the exit handler says so, and goes back no second time', async () => {
  await project.write('config/values/app.yaml', 'rev: two\nargs: [fail]\n')
  await push('it fails')
  const ran = await real.ended(workflows, await start('forge-deploy', { args: await build() }))
  expect({ phase: ran.phase, message: ran.step('deploy')?.message }).toEqual({
    phase: 'Failed',
    message: 'main: Error (exit code 4)',
  })
  const said = Object.fromEntries(
    ['outcome', 'code', 'deploy'].map((name) => [name, [ran.output('deploy', name), ran.output('conclude', name)]]),
  )
  expect(said).toEqual({
    outcome: ['restored', 'restored'],
    code: ['E_CRASH_LOOP', 'E_CRASH_LOOP'],
    deploy: ['2', '2'],
  })
  expect(JSON.parse(ran.output('deploy', 'report') ?? '')).toMatchObject({ verdict: { chain: expect.any(Array) } })
  expect((await history()).map(({ number, state, live }) => [number, state, live])).toEqual([
    [2, 'restored', false],
    [1, 'deployed', true],
  ])
  expect(await revs()).toEqual(['one', 'one'])
  print(
    (await real.everyLog(workflows))
      .split('\n')
      .filter((line) => line.includes('E_CRASH_LOOP'))
      .join('\n'),
  )
}, 300_000)

/** The pod of the deploy, once a pod of that revision runs, which will never be ready. */
async function inTheMiddle(name: string, rev: string): Promise<string> {
  const pod = ['wait', 'pod', '--selector', `rev=${rev}`, '--timeout=120s']
  await shop.kubectl([...pod, '--for=create'])
  await shop.kubectl([...pod, '--for=jsonpath={.status.phase}=Running'])
  const [found] = await workflows.objects('pods', `workflows.argoproj.io/workflow=${name}`)
  return found?.metadata.name ?? ''
}

async function beginNeverReady(rev: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  await project.write('config/values/app.yaml', `rev: ${rev}\nready: false\n`)
  await push(rev)
  return await start('forge-deploy', { args: await build(), ...more })
}

test('argo stop: forge goes back while the exit handler waits for it', async () => {
  const name = await beginNeverReady('stopped')
  await inTheMiddle(name, 'stopped')
  await real.argo(['stop', name], workflows)
  const ran = await real.ended(workflows, name)
  expect(ran.phase).toBe('Failed')
  expect(ran.output('conclude', 'outcome')).toBe('restored')
  expect((await history())[0]).toMatchObject({ by: name, state: 'restored', live: false })
  expect(await revs()).toEqual(['one', 'one'])
}, 300_000)

test('a forge that is killed, as for want of memory: the exit handler puts right what it left', async () => {
  const name = await beginNeverReady('killed')
  const pod = await inTheMiddle(name, 'killed')
  // All of the container but its first process, which is Argo's.
  await workflows.kubectl(['exec', pod, '-c', 'main', '--', 'node', '-e', "process.kill(-1, 'SIGKILL')"])
  const ran = await real.ended(workflows, name)
  expect({ phase: ran.phase, message: ran.step('deploy')?.message }).toEqual({
    phase: 'Failed',
    message: 'main: Error (exit code 137)',
  })
  expect({ outcome: ran.output('conclude', 'outcome'), changed: ran.output('conclude', 'changed') }).toEqual({
    outcome: 'restored',
    changed: 'true',
  })
  expect(await revs()).toEqual(['one', 'one'])
}, 300_000)

test('argo terminate runs no exit handler: the next workflow waits until forge is back, and deploys', async () => {
  const name = await beginNeverReady('terminated')
  await inTheMiddle(name, 'terminated')
  await real.argo(['terminate', name], workflows)
  const ended = await real.ended(workflows, name)
  expect(ended.step('conclude')).toBeUndefined()
  await project.write('config/values/app.yaml', 'rev: next\n')
  await push('next')
  const args = `${await build()}\n--wait-for-lock=10m`
  const next = await real.ended(workflows, await start('forge-deploy', { args }))
  expect(next.phase).toBe('Succeeded')
  expect((await history()).slice(0, 2)).toMatchObject([
    { by: next.name, state: 'deployed', live: true },
    { by: name, state: 'restored' },
  ])
  expect(await revs()).toEqual(['next', 'one'])
}, 300_000)

test('build, migrate, deploy: the part of the worker is left out where nothing of it changes', async () => {
  await project.write('app/src/app/version.txt', 'app 2')
  await project.write('config/values/app.yaml', 'rev: two\n')
  await push('app 2')
  await build()
  const composite = { 'migrate-release': 'migrations' }
  const first = await real.ended(workflows, await start('forge-build-migrate-deploy', composite))
  const phases = (ran: real.EndedWorkflow): unknown =>
    Object.fromEntries(
      ['look', 'build', 'build-worker', 'migrate', 'deploy', 'deploy-worker'].map((one) => [one, ran.step(one)?.phase]),
    )
  const done = { look: 'Succeeded', build: 'Succeeded', migrate: 'Succeeded', deploy: 'Succeeded' }
  expect(phases(first)).toEqual({ ...done, 'build-worker': 'Skipped', 'deploy-worker': 'Skipped' })
  expect({ look: first.output('look', 'changed'), migrate: first.output('migrate', 'outcome') }).toEqual({
    look: 'false',
    migrate: 'unchanged',
  })
  expect(first.output('deploy', 'outcome')).toBe('deployed')

  await project.write('app/src/worker/version.txt', 'worker 2')
  await push('worker 2')
  await build()
  const second = await real.ended(workflows, await start('forge-build-migrate-deploy', composite))
  expect(phases(second)).toEqual({ ...done, 'build-worker': 'Succeeded', 'deploy-worker': 'Succeeded' })
  expect(['look', 'deploy', 'deploy-worker'].map((step) => second.output(step, 'changed'))).toEqual([
    'true',
    'false',
    'true',
  ])
}, 400_000)

test('an environment without an entry is refused', async () => {
  const ran = await real.ended(workflows, await start('forge-deploy', { env: 'nowhere' }))
  expect({ phase: ran.phase, step: ran.step('deploy') }).toEqual({ phase: 'Failed', step: undefined })
}, 60_000)

test('no secret is in a log, in the status or in the outputs of any of these workflows', async () => {
  const found = {
    logs: await real.everyLog(workflows),
    workflows: await workflows.kubectl([
      'get',
      'workflows,workflowtaskresults,workflowtemplates,configmaps',
      '-o',
      'yaml',
    ]),
    pods: await workflows.kubectl(['get', 'pods,events', '-o', 'yaml']),
    deployed: await shop.kubectl(['get', 'all,configmaps,leases,events', '-o', 'yaml']),
  }
  expect(found.logs).toContain('Everything is ready')
  const auth = (JSON.parse(await readFile(real.AUTH, 'utf8')) as { auths: Record<string, { auth: string }> }).auths
  const others = [
    { name: 'git', value: 'rig-secret' },
    { name: 'registry', value: auth[real.REGISTRY]?.auth ?? '?' },
  ]
  expect(Object.entries(found).flatMap(([where, text]) => search(where, text, [LOGIN, ...others]))).toEqual([])
  // It was there to be found.
  const login = await shop.kubectl(['get', 'secret', 'login', '-o', 'jsonpath={.data.LOGIN_PASSWORD}'])
  expect(Buffer.from(login, 'base64').toString()).toBe(LOGIN.value)
}, 60_000)
