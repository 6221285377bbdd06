import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { LOADERS } from '../../src/domain/images/loaders.ts'
import { buildahStore, staticProgram } from '../support/buildah.ts'
import { forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'

/** How its nodes take images: else by the name of the context, as kind and k3d give it. */
const LOADER = LOADERS.find((name) => name === process.env['FORGE_TEST_LOADER'])

let dir = ''
let namespace: RealNamespace
let project: TestProject
let env: Record<string, string>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-load-'))
  namespace = await RealNamespace.create('load')
  env = await buildahStore(join(dir, 'store'))
  const cluster = { context: await currentContext(), ...(LOADER === undefined ? {} : { load: LOADER }) }
  project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'load',
      environments: { real: { cluster, namespace: namespace.name } },
      releases: { web: { chart: './chart' } },
      images: { web: { build: { context: 'src' }, to: 'image' } },
      stages: { web: { wait: ['Deployment/web'], timeout: '60s' } },
    }),
    'src/Dockerfile': 'FROM scratch\nCOPY program version.txt /\nENTRYPOINT ["/program"]\n',
    'src/version.txt': namespace.name,
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': 'image: ""\n',
    'chart/templates/web.yaml': stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: '{{ .Values.image }}' }] },
        },
      },
    }),
  })
  await staticProgram(join(project.dir, 'src'), WAITS)
}, 120_000)

afterAll(async () => {
  await namespace.remove()
  await rm(dir, { recursive: true, force: true })
})

const WAITS = `package main

import "time"

func main() {
	time.Sleep(24 * time.Hour)
}
`

async function run(...args: string[]): Promise<Ran> {
  return await forge([...args, '--env', 'real', '-C', project.dir], { env: { ...env, KUBECONFIG } })
}

const running = async (): Promise<string[]> => {
  const pods = (await namespace.pods()).filter(({ status }) => status.phase === 'Running')
  return pods.map((pod) => (pod.spec.containers[0] as { readonly image?: string } | undefined)?.image ?? '')
}

test('an image without a registry is built, loaded into each node, and runs', async () => {
  const first = await run('deploy')
  expect({ status: first.status, stderr: first.stderr }).toMatchObject({ status: 0 })
  expect(first.stderr).toMatch(/ images +web built and loaded into the nodes/u)
  expect(await running()).toEqual([expect.stringMatching(/^web:sha-[0-9a-f]{16}$/u)])

  const again = await run('deploy')
  expect(again.stderr).toMatch(/ images +web on the nodes already/u)
  expect(again.stderr).toContain('unchanged, helm not run')

  await project.write('src/version.txt', `${namespace.name} again`)
  const loaded = await run('images', 'load')
  const [, ref] = loaded.stdout.trim().split(/ +/u)
  const planned = await run('plan')
  expect(planned.stdout).toContain('the nodes have these sources')
  const second = await run('deploy')
  expect(second.status).toBe(0)
  expect(second.stderr).toMatch(/ images +web on the nodes already/u)
  expect(await running()).toEqual([ref])
}, 180_000)
