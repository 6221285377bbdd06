import { chmod, cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openFiles } from '../../src/adapters/files/files.ts'
import { staticProgram } from '../support/buildah.ts'
import { buildahRunner, type Runner } from '../support/images-runner.ts'
import { exported, filesIn, namesIn, startRegistry, textIn, type TestRegistry } from '../support/registry.ts'

const at = { file: 'forge.yaml', line: 7, column: 3 }

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

let project = ''
let repository = ''
let runs = 0
beforeEach(async () => {
  runs += 1
  project = join(dir, `project-${runs}`)
  repository = `${registry.host}/acme/app-${runs}`
  registry.onRequest = () => false
  registry.asked.length = 0
  await writeTo({ Dockerfile: 'FROM scratch\nCOPY . /\n', 'main.txt': 'one', '.dockerignore': '*.log\n' })
})

async function writeTo(files: Readonly<Record<string, string>>): Promise<void> {
  const own = openFiles(project)
  for (const [name, text] of Object.entries(files)) await own.write(name, text)
}

const runner = async (env: Record<string, string> = {}): Promise<Runner> =>
  await buildahRunner(() => ({ dir, project, repository }), env)

async function refOf(by: Runner, ...args: Parameters<Runner['run']>): Promise<string> {
  return (await by.run(...args)).refs.get('app') ?? ''
}

const tags = async (): Promise<string> => await registry.ask('ls', repository).catch(() => '')

describe('buildah and a registry', () => {
  test('what is deployed is what the registry has: by its digest, with the files of the project', async () => {
    const one = await runner()
    await writeTo({ 'left-out.log': 'x' })
    const ref = await refOf(one)
    expect(ref).toMatch(/^127\.0\.0\.1:\d+\/acme\/app-\d+:sha-[0-9a-f]{16}@sha256:[0-9a-f]{64}$/u)
    const [tagged = '', digest = ''] = ref.split('@')
    expect(await registry.ask('digest', tagged)).toBe(digest)
    expect(await filesIn(registry, ref, dir)).toEqual(['.dockerignore', 'Dockerfile', 'main.txt'])
    expect(JSON.parse(await registry.ask('config', ref))).toMatchObject({ architecture: 'amd64', os: 'linux' })
    expect(one.lines).toContain('building app')
    expect(one.lines.join('\n')).toContain('COPY . /')
  })

  test('a fresh runner with the same sources builds nothing; a copy with other times and modes neither', async () => {
    const ref = await refOf(await runner())
    const fresh = await runner()
    expect(await refOf(fresh)).toBe(ref)
    const copy = `${project}-copy`
    await cp(project, copy, { recursive: true })
    await utimes(join(copy, 'main.txt'), 1, 1)
    await chmod(join(copy, 'main.txt'), 0o600)
    await writeFile(join(copy, 'more.log'), 'left out')
    project = copy
    expect(await refOf(fresh)).toBe(ref)
    expect(fresh.lines).toEqual([])
    await writeTo({ 'main.txt': 'two' })
    expect(await refOf(fresh)).not.toBe(ref)
    expect(fresh.lines).toContain('building app')
  })

  test('a build that fails says why, with its last lines, and leaves no tag', async () => {
    const one = await runner()
    await writeTo({ Dockerfile: 'FROM scratch\nCOPY nothing /\n' })
    await expect(one.run()).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      exitStatus: 3,
      message: expect.stringMatching(/^image app: buildah build failed: .*nothing/u),
      details: { where: 'forge.yaml:7', log: expect.arrayContaining([expect.stringContaining('COPY nothing')]) },
    })
    expect(await tags()).toBe('')
    await writeTo({ Dockerfile: 'FROM scratch\nCOPY main.txt /\n' })
    expect(await refOf(one)).toContain(`${repository}:sha-`)
  })

  test.each([
    ['the manifest', /^PUT .*\/manifests\//u],
    ['every upload', /^(?:POST|PATCH|PUT) /u],
  ])('a registry that refuses %s leaves no tag, and the next run is right', async (_, refused) => {
    const one = await runner()
    registry.onRequest = ({ method, url }, response) => {
      if (!refused.test(`${method ?? ''} ${url ?? ''}`)) return false
      const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'requested access is denied' }] })
      response.writeHead(403, { 'content-type': 'application/json' }).end(body)
      return true
    }
    await expect(one.run()).rejects.toMatchObject({
      code: 'E_IMAGE_PUSH',
      exitStatus: 3,
      message: expect.stringMatching(/^image app: buildah push failed: .*(?:denied|403)/u),
    })
    expect(await tags()).toBe('')
    registry.onRequest = () => false
    const ref = await refOf(one)
    expect(await registry.ask('digest', ref)).toBe(ref.split('@')[1])
  })

  test('a connection that drops while the image is sent leaves no tag, and the next run is right', async () => {
    const one = await runner()
    registry.onRequest = (incoming) => {
      if (incoming.method === 'GET' || incoming.method === 'HEAD' || incoming.method === 'POST') return false
      // One without a body, which has no data, would wait for an answer for ever.
      for (const event of ['data', 'end']) incoming.once(event, () => incoming.destroy())
      return true
    }
    await expect(one.run()).rejects.toMatchObject({ code: 'E_IMAGE_PUSH', exitStatus: 3 })
    expect(await tags()).toBe('')
    registry.onRequest = () => false
    const ref = await refOf(one)
    expect(await registry.ask('digest', ref)).toBe(ref.split('@')[1])
  })

  test('two runners at once: each has an image that is there, and the next run has one for all', async () => {
    const [one, other] = [await runner(), await runner()]
    const refs = await Promise.all([refOf(one), refOf(other)])
    for (const ref of refs) expect(await registry.ask('digest', ref)).toBe(ref.split('@')[1])
    expect(new Set(refs.map((ref) => ref.split('@')[0])).size).toBe(1)
    const next = await runner()
    expect(refs).toContain(await refOf(next))
    expect(next.lines).toEqual([])
  })

  test('an image that was moved under the tag of a base is another image, also for a builder that has the old one', async () => {
    const base = `${registry.host}/acme/base-${runs}`
    const move = async (text: string): Promise<void> => {
      await writeTo({ Dockerfile: 'FROM scratch\nCOPY main.txt /base.txt\n', 'main.txt': text })
      const made = await refOf(await runner(), {}, { repository: base })
      await registry.ask('copy', made, `${base}:1`)
      await writeTo({ Dockerfile: `ARG V=1\nFROM ${base}:$V\nCOPY main.txt /main.txt\n`, 'main.txt': 'same' })
    }
    const env = { CONTAINERS_REGISTRIES_CONF: join(dir, `registries-${runs}.conf`) }
    await writeFile(env.CONTAINERS_REGISTRIES_CONF, `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`)
    const one = await runner(env)
    await move('old')
    const before = await refOf(one)
    expect(await refOf(await runner(env))).toBe(before)
    await move('new')
    const after = await refOf(one)
    expect(after.split('@')[0]).not.toBe(before.split('@')[0])
    const texts = [before, after].map(async (ref) => await textIn(registry, ref, 'base.txt', dir))
    expect(await Promise.all(texts)).toEqual(['old', 'new'])
  })

  test('is pushed to several repositories; one that lost it gets it again', async () => {
    const other = `${registry.host}/mirror/app-${runs}`
    const [tagged = '', digest] = (await refOf(await runner(), {}, { also: [other] })).split('@')
    const tag = tagged.slice(tagged.lastIndexOf(':') + 1)
    expect(await registry.ask('digest', `${other}:${tag}`)).toBe(digest)
    const third = `${registry.host}/third/app-${runs}`
    const later = await runner()
    expect(await refOf(later, {}, { also: [other, third] })).toBe(`${tagged}@${digest}`)
    expect(await registry.ask('ls', third)).toBe(tag)
    const pushes = later.lines.filter((line) => line.startsWith('pushing'))
    expect(pushes).toEqual([`pushing app to ${third}:${tag}`])
  })

  test('several platforms are one image for all of them', async () => {
    const ref = await refOf(await runner(), { platforms: ['linux/amd64', 'linux/arm64'] })
    const { manifests } = JSON.parse(await registry.ask('manifest', ref)) as {
      manifests: { platform: { architecture: string } }[]
    }
    expect(manifests.map(({ platform }) => platform.architecture).toSorted()).toEqual(['amd64', 'arm64'])
    expect(await refOf(await runner(), { platforms: ['linux/arm64', 'linux/amd64'] })).toBe(ref)
  })

  test('a target, an argument and a secret reach the build; the secret is nowhere in the image', async () => {
    await cp(await staticProgram(join(dir, 'go')), join(project, 'program'))
    await writeTo({
      Dockerfile: `FROM scratch AS first
COPY program /program
FROM first AS wanted
ARG VERSION
LABEL version=$VERSION
RUN --mount=type=secret,id=token ["/program"]
FROM first AS last
`,
      'token.txt': 'a-secret-of-24-characters',
      '.dockerignore': 'token.txt',
    })
    const one = await runner()
    const ref = await refOf(one, {
      target: 'wanted',
      args: [{ name: 'VERSION', source: { kind: 'literal', value: '1.10', at } }],
      secrets: [{ id: 'token', source: { kind: 'file', file: 'token.txt', at } }],
    })
    expect(one.lines).toContain('secret of 25 <nil>')
    const config = await registry.ask('config', ref)
    expect(JSON.parse(config)).toMatchObject({ config: { Labels: { version: '1.10' } } })
    expect(config).not.toContain('a-secret-of')
    const file = await exported(registry, ref, dir)
    expect(await namesIn(file)).toContain('program')
    expect((await readFile(file)).includes('a-secret-of')).toBe(false)
  })

  test('a Dockerfile of a compose file, and a folder beside the context', async () => {
    await writeTo({
      'lib/lib.txt': 'lib',
      'compose.yml': `services:
  app:
    build:
      context: .
      dockerfile_inline: |
        FROM scratch
        COPY main.txt /
        COPY --from=lib lib.txt /
      additional_contexts: { lib: ./lib }
`,
    })
    const one = await runner()
    const ref = await refOf(one, {}, { from: { kind: 'compose', file: 'compose.yml', service: 'app' } })
    expect(await filesIn(registry, ref, dir)).toEqual(['lib.txt', 'main.txt'])
  })
})

describe('a registry that wants a login', () => {
  const login = (password: string): string =>
    JSON.stringify({
      auths: { [registry.host]: { auth: Buffer.from(`ci:${password}`).toString('base64') } },
    })

  beforeEach(() => {
    registry.onRequest = ({ headers }, response) => {
      if (headers.authorization === `Basic ${Buffer.from('ci:right').toString('base64')}`) return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
      return true
    }
  })

  test('is given the one of podman and buildah', async () => {
    const file = join(dir, 'auth.json')
    await writeFile(file, login('right'))
    const ref = await refOf(await runner({ REGISTRY_AUTH_FILE: file }))
    const fresh = await runner({ REGISTRY_AUTH_FILE: file })
    expect(await refOf(fresh)).toBe(ref)
    expect(fresh.lines).toEqual([])
  })

  test('refuses a wrong one: exit 3, and the password is in no message', async () => {
    const file = join(dir, 'wrong.json')
    await writeFile(file, login('wrong-password'))
    const failure: unknown = await (await runner({ REGISTRY_AUTH_FILE: file })).run().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E_IMAGE_PUSH', exitStatus: 3 })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('wrong-password')
  })
})
