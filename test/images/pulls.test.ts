import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { stringify } from 'yaml'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { testSandbox } from '../support/sandbox.ts'
import { webTemplate } from '../support/web-template.ts'

const LOGIN = `Basic ${Buffer.from('ci:right').toString('base64')}`

let dir = ''
let registry: TestRegistry
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-pulls-'))
  registry = await startRegistry()
  await writeFile(join(dir, 'main.txt'), 'hello')
  await execa('tar', ['-cf', 'layer.tar', 'main.txt'], { cwd: dir })
  await registry.ask('append', '--new_layer', join(dir, 'layer.tar'), '--new_tag', `${registry.host}/acme/web:1`)
  for (const arch of ['amd64', 'arm64'])
    await registry.ask('mutate', '--set-platform', `linux/${arch}`, '--tag', ref(arch), ref('1'))
})
afterAll(async () => {
  await registry.close()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(() => {
  registry.onRequest = () => false
  registry.asked.length = 0
})

const ref = (tag: string): string => `${registry.host}/acme/web:${tag}`

/** From now on the registry wants a login for everything. */
function wantsLogin(): void {
  registry.onRequest = ({ headers }, response) => {
    if (headers.authorization === LOGIN) return false
    response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    return true
  }
}

interface Parts {
  readonly secret?: boolean
  readonly environment?: Readonly<Record<string, unknown>>
}

/** The sandbox's nodes are simulated; reached by its kubeconfig it is a cluster like any other, whose images have to be there. */
async function webProject(namespace: string, image: string, { secret = false, environment }: Parts = {}) {
  const context = (await kubectl(['config', 'current-context'])).trim()
  const auths = { [registry.host]: { auth: Buffer.from('ci:right').toString('base64') } }
  const template = webTemplate({ container: [] })
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'pulls',
      environments: { test: { cluster: { context }, namespace, ...environment } },
      releases: { web: { chart: './chart' } },
      ...(secret ? { secrets: { pull: { type: 'dockerconfigjson', config: 'pull.json' } } } : {}),
    }),
    'pull.json': JSON.stringify({ auths }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': stringify({ image }),
    'chart/templates/web.yaml': secret
      ? template.replace(/^ {6}containers:/mu, '      imagePullSecrets: [{ name: pull }]\n$&')
      : template,
  })
}

async function run(command: 'plan' | 'deploy', { dir: folder }: TestProject, env: Record<string, string> = {}) {
  const { kubeconfig } = await testSandbox()
  return await forge([command, '--env', 'test', '-C', folder, '--kubeconfig', kubeconfig, '--json'], { env })
}

async function expectRefused(ran: Ran, namespace: string, message: string): Promise<void> {
  expect(ran.status).toBe(3)
  expect(document<DeployReport>(ran).verdict).toMatchObject({ code: 'E_IMAGE_PULL', message })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found'])).toBe('')
}

test('an image that is there is deployed; a tag that is not ends plan and deploy before any write', async () => {
  const namespace = freshNamespace('pulls')
  const project = await webProject(namespace, ref('none'))
  const message = `Deployment/web (container web) cannot pull image ${ref('none')}: it does not exist`
  await expectRefused(await run('plan', project), namespace, message)
  await expectRefused(await run('deploy', project), namespace, message)

  await project.write('chart/values.yaml', stringify({ image: ref('amd64') }))
  registry.asked.length = 0
  expect(await run('deploy', project)).toMatchObject({ status: 0 })
  expect(registry.asked.filter((one) => one.startsWith('HEAD '))).toHaveLength(1)

  // Lost meanwhile; what runs needs no registry.
  registry.onRequest = (_, response) => {
    response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] }))
    return true
  }
  const planned = document<{ plan: PlanDocument }>(await run('plan', project))
  expect(planned.plan.warnings).toContainEqual(
    expect.stringContaining('it does not exist; the live release has it already'),
  )
})

test('a registry that wants a login: the pods’ own secret counts, and no login of whoever deploys', async () => {
  wantsLogin()
  const namespace = freshNamespace('pulls')
  const own = join(dir, 'docker')
  await mkdir(own)
  const auths = { [registry.host]: { auth: Buffer.from('ci:right').toString('base64') } }
  await writeFile(join(own, 'config.json'), JSON.stringify({ auths }))
  const without = await run('deploy', await webProject(namespace, ref('amd64')), { DOCKER_CONFIG: own })
  const why = 'its registry wants a login (or has no such image), and its pods have no pull secret'
  await expectRefused(without, namespace, `Deployment/web (container web) cannot pull image ${ref('amd64')}: ${why}`)

  const project = await webProject(namespace, ref('amd64'), { secret: true })
  expect(await run('deploy', project)).toMatchObject({ status: 0 })
  expect(await object('secret', 'pull', namespace)).toMatchObject({ type: 'kubernetes.io/dockerconfigjson' })

  await project.write('pull.json', JSON.stringify({ auths: { [registry.host]: { auth: 'Y2k6d3Jvbmc=' } } }))
  await project.write('chart/values.yaml', stringify({ image: ref('1') }))
  const wrong = document<DeployReport>(await run('deploy', project))
  expect(wrong.verdict?.message).toContain('its registry refuses the login of Secret pull')
  expect(JSON.stringify(wrong)).not.toContain('Y2k6d3Jvbmc=')
})

test('an image for another platform than the nodes’', async () => {
  const namespace = freshNamespace('pulls')
  const ran = await run('deploy', await webProject(namespace, ref('arm64')))
  expect([ran.status, document<DeployReport>(ran).verdict?.message]).toEqual([
    3,
    expect.stringMatching(
      /: it is built for linux\/arm64, and the \d+ nodes that its pods may run on are linux\/amd64$/u,
    ),
  ])
})

test('a registry that is not there, and one that nobody shall ask, stop nothing', async () => {
  const [silent, skipped] = [freshNamespace('pulls'), freshNamespace('pulls')]
  const away = await webProject(silent, '127.0.0.1:2/acme/web:1')
  const { plan } = document<{ plan: PlanDocument }>(await run('plan', away))
  expect(plan.notChecked).toEqual([
    'whether the nodes can pull 127.0.0.1:2/acme/web:1: not checked, 127.0.0.1:2: it does not answer (ECONNREFUSED)',
  ])
  expect(await run('deploy', away)).toMatchObject({ status: 0 })
  const skip = { environment: { pullCheck: 'skip' } }
  expect(await run('deploy', await webProject(skipped, ref('none'), skip))).toMatchObject({ status: 0 })
  expect(registry.asked).toEqual([])
})

test('what a plan shows instead of an image that a deploy would build is not asked for', async () => {
  const project = await webProject(freshNamespace('pulls'), ref('none'))
  await project.write('Dockerfile', 'FROM scratch\n')
  const repository = `${registry.host}/acme/built`
  await project.configure(['images'], { web: { build: { context: '.' }, repository, to: 'image' } })
  const { plan } = document<{ plan: PlanDocument }>(await run('plan', project))
  expect([plan.images, plan.notChecked]).toMatchObject([[{ name: 'web', builds: true }], []])
  expect(registry.asked.filter((one) => one.includes('/acme/web/'))).toEqual([])
})
