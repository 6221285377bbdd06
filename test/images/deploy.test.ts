import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { buildahStore } from '../support/buildah.ts'
import { freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { testSandbox } from '../support/sandbox.ts'
import { webTemplate } from '../support/web-template.ts'

let dir = ''
let registry: TestRegistry
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-images-'))
  registry = await startRegistry()
})
afterAll(async () => {
  await registry.close()
  await rm(dir, { recursive: true, force: true })
})

/** The sandbox's nodes are simulated; reached by its kubeconfig it is a cluster like any other, for which images are built. */
async function webProject(namespace: string): Promise<TestProject> {
  const context = (await kubectl(['config', 'current-context'])).trim()
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'images',
      environments: { test: { cluster: { context }, namespace } },
      releases: { web: { chart: './chart' } },
      images: { web: { build: { context: 'src' }, repository: `${registry.host}/acme/web`, to: 'image' } },
    }),
    'src/Dockerfile': 'FROM scratch\nCOPY main.txt /\n',
    'src/main.txt': namespace,
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': 'image: ""\n',
    'chart/templates/web.yaml': webTemplate({ container: [] }),
  })
}

/** On a runner that has built nothing yet. */
async function deployFrom(folder: string, ...flags: string[]): Promise<Ran> {
  const { kubeconfig } = await testSandbox()
  const args = ['deploy', '--env', 'test', '-C', folder, '--kubeconfig', kubeconfig, '--builder', 'buildah', ...flags]
  return await forge(args, { env: await buildahStore(await mkdtemp(join(dir, 'store-'))) })
}

/** As a job of its own does it, that builds and deploys nothing. */
async function run(args: readonly string[], folder: string): Promise<Ran> {
  const { kubeconfig } = await testSandbox()
  const cluster = args[0] === 'plan' ? ['--kubeconfig', kubeconfig] : []
  return await forge([...args, '--env', 'test', '-C', folder, ...cluster], {
    env: await buildahStore(await mkdtemp(join(dir, 'store-'))),
  })
}

async function liveImage(namespace: string): Promise<{ image: string | undefined; generation: number | undefined }> {
  const web = await object('deployment', 'web', namespace)
  const { template } = (web?.spec ?? {}) as { template?: { spec: { containers: { image: string }[] } } }
  return { image: template?.spec.containers[0]?.image, generation: web?.metadata.generation }
}

test('the same sources on a fresh runner restart nothing; a build that fails leaves the cluster as it is', async () => {
  const namespace = freshNamespace('images')
  const project = await webProject(namespace)
  const first = await deployFrom(project.dir)
  expect({ status: first.status, stderr: first.stderr }).toMatchObject({ status: 0 })
  expect(first.stderr).toMatch(/ images +web built and pushed/u)
  const before = await liveImage(namespace)
  expect(before.image).toMatch(/^127\.0\.0\.1:\d+\/acme\/web:sha-[0-9a-f]{16}@sha256:[0-9a-f]{64}$/u)
  expect(await registry.ask('digest', before.image ?? '')).toBe(before.image?.split('@')[1])

  const copy = join(dir, 'copy')
  await cp(project.dir, copy, { recursive: true })
  const again = await deployFrom(copy)
  expect({ status: again.status, said: / images +web unchanged/u.test(again.stderr) }).toEqual({
    status: 0,
    said: true,
  })
  expect(await liveImage(namespace)).toEqual(before)

  await project.write('src/Dockerfile', 'FROM scratch\nCOPY gone.txt /\n')
  const records = (await objects('secrets', namespace, 'owner=helm')).length
  const failed = await deployFrom(project.dir, '--json')
  expect(failed.status).toBe(3)
  expect(document<DeployReport>(failed).verdict).toMatchObject({ code: 'E_IMAGE_BUILD' })
  expect((await objects('secrets', namespace, 'owner=helm')).length).toBe(records)
  expect(await liveImage(namespace)).toEqual(before)

  await project.write('src/Dockerfile', 'FROM scratch\nCOPY main.txt /other\n')
  registry.onRequest = ({ method }, response) => {
    if (method !== 'PUT' && method !== 'PATCH') return false
    response.writeHead(403).end()
    return true
  }
  const refused = await deployFrom(project.dir)
  registry.onRequest = () => false
  expect(refused.status).toBe(3)
  expect(refused.stderr).toMatch(/^ +E_IMAGE_PUSH$/mu)
  expect(await liveImage(namespace)).toEqual(before)

  expect((await deployFrom(project.dir)).status).toBe(0)
  const after = await liveImage(namespace)
  expect(after.image).not.toBe(before.image)
  expect(await registry.ask('digest', after.image ?? '')).toBe(after.image?.split('@')[1])
})

test('what a plan shows of an image that was pushed before is what is deployed, without a build', async () => {
  const namespace = freshNamespace('images')
  const project = await webProject(namespace)
  expect((await deployFrom(project.dir)).status).toBe(0)
  const same = await run(['plan'], project.dir)
  expect(same.stderr).toMatch(/ images +nothing to build/u)

  await project.write('src/main.txt', 'changed')
  const before = await run(['plan'], project.dir)
  expect(before.stdout).toMatch(
    /not built: a deploy builds\s+127\.0\.0\.1:\d+\/acme\/web:sha-[0-9a-f]{16}; the one that\s+runs is shown/u,
  )
  const early = join(dir, 'early.json')
  const saved = await run(['plan', '--out', early], project.dir)
  expect(saved.stdout).toMatch(/^next +forge images push .*--only web/mu)
  const refused = await deployFrom(project.dir, '--plan', early)
  expect([refused.status, refused.stderr]).toEqual([3, expect.stringMatching(/^ +E_PLAN_UNBUILT$/mu)])
  const pushed = await run(['images', 'push', '--builder', 'buildah'], project.dir)
  const [, ref = ''] = pushed.stdout.split(/ +/u)
  const file = join(dir, 'plan.json')
  const planned = await run(['plan', '--out', file], project.dir)
  expect(planned.stdout).toContain('these sources are in the registry')
  expect(planned.stdout).toMatch(/~ Deployment\/web +image/u)

  const deployed = await deployFrom(project.dir, '--plan', file)
  expect({ status: deployed.status, stderr: deployed.stderr }).toMatchObject({ status: 0 })
  expect(deployed.stderr).not.toContain('building web')
  expect((await liveImage(namespace)).image).toBe(ref)
})
