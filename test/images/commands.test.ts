import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { ImagesReport } from '../../src/flows/images/project-images.ts'
import { buildahStore } from '../support/buildah.ts'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

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

let project: TestProject
let env: Record<string, string>
let serial = 0
beforeEach(async () => {
  serial += 1
  env = await buildahStore(await mkdtemp(join(dir, 'store-')))
  project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'images',
      environments: { test: { cluster: 'sandbox' } },
      releases: { web: { chart: './chart' } },
      images: {
        web: { build: { context: 'web' }, repository: repository('web'), to: 'web' },
        api: { build: { context: 'api' }, repository: repository('api'), to: 'api' },
      },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': 'web: ""\napi: ""\n',
    'chart/templates/web.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: {{ .Values.web }}, b: {{ .Values.api }} }\n',
    'web/Dockerfile': 'FROM scratch\nCOPY . /\n',
    'web/main': 'web',
    'api/Dockerfile': 'FROM scratch\nCOPY . /\n',
    'api/main': 'api',
  })
})

function repository(name: string): string {
  return `${registry.host}/acme-${serial}/${name}`
}

async function images(...args: string[]): Promise<Ran> {
  return await forge(['images', ...args, '-C', project.dir], { env })
}

test('list says what a deploy would use, push makes it, and check then agrees', async () => {
  const before = await images('list')
  expect(before.stdout.split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^✖ web  ${repository('web')}:sha-[0-9a-f]{16}$`, 'u')),
    '       not in the registry',
    expect.stringMatching(/^✖ api {2}\S+$/u),
    '       not in the registry',
  ])
  const missing = await images('check')
  expect({ status: missing.status, stderr: missing.stderr }).toEqual({
    status: 3,
    stderr: expect.stringMatching(/E_IMAGE_MISSING[^]*forge images push --only web -C /u),
  })

  const pushed = await images('push', '--builder', 'buildah')
  expect({ status: pushed.status, stderr: pushed.stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/web │ STEP 1[^]*1\/1 images +web, api built and pushed/u),
  })
  const refs = pushed.stdout.split('\n').map((row) => row.split(/ +/u)[1] ?? '')
  for (const ref of refs) expect(await registry.ask('digest', ref)).toBe(ref.split('@')[1])

  const listed = document<ImagesReport>(await images('list', '--json'))
  expect(listed.images).toEqual(
    refs.map((ref, at) => ({
      name: ['web', 'api'][at],
      from: 'build',
      ref: ref.split('@')[0],
      registry: 'there',
      digest: ref.split('@')[1],
    })),
  )
  expect((await images('check')).status).toBe(0)
  const again = await images('push', '--json')
  expect(document<ImagesReport>(again).images).toMatchObject([{ what: 'there' }, { what: 'there' }])
})

test('build makes it for this machine and asks no registry', async () => {
  registry.asked.length = 0
  const built = await images('build', '--only', 'api', '--builder', 'buildah')
  expect({ status: built.status, stdout: built.stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`^api {2}${repository('api')}:sha-[0-9a-f]{16}$`, 'u')),
  })
  expect(registry.asked).toEqual([])
})

test('what is wrong is said with the command that helps', async () => {
  const unknown = await images('list', '--only', 'wep')
  expect(unknown.status).toBe(2)
  expect(unknown.stderr).toContain('forge.yaml has no image "wep"; did you mean "web"?')
  await project.write('web/Dockerfile', 'FROM scratch\nCOPY gone /\n')
  const failed = await images('push', '--builder', 'buildah')
  expect(failed.status).toBe(3)
  expect(failed.stderr).toMatch(/REFUSED image web: buildah build failed: [^\n]*gone[^]*E_IMAGE_BUILD/u)
})

test('strangers do not say what is read and built', async () => {
  for (const command of ['list', 'check', 'build', 'push']) {
    const ran = await images(command, '--untrusted')
    expect([command, ran.status, /^ +E_UNTRUSTED$/mu.test(ran.stderr)]).toEqual([command, 3, true])
  }
})
