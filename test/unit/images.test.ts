import { describe, expect, test } from '@jest/globals'
import type { Image } from '../../src/domain/config/model.ts'
import { ForgeError } from '../../src/errors.ts'
import { prepareImages, type ImagesRequest, type PreparedImages } from '../../src/flows/images.ts'
import type { Builder, ImageBuild } from '../../src/ports.ts'
import { forge, program } from '../../src/hint.ts'

const at = { file: 'forge.yaml', line: 30, column: 3 }
const never = new AbortController().signal
const ID = `sha256:${'1f3c9a2e0b44'.padEnd(64, '0')}`
const DIGEST = `sha256:${'d'.repeat(64)}`
const TAGGED = 'ghcr.io/acme/app:sha-1f3c9a2e0b44'

/** Stands in for docker on the port: what it was asked to do, and what it answers. */
class FakeBuilder implements Builder {
  readonly asked: string[] = []
  readonly builds: ImageBuild[] = []
  fails: Partial<Record<'build' | 'push', ForgeError>> = {}
  digest: string | undefined = DIGEST

  async find(): Promise<string> {
    return await Promise.resolve('docker')
  }

  async build(image: ImageBuild, onLine: (line: string) => void): Promise<string> {
    this.asked.push('build')
    this.builds.push(image)
    onLine('STEP 1: FROM scratch')
    return await (this.fails.build === undefined ? Promise.resolve(ID) : Promise.reject(this.fails.build))
  }

  async tag(_id: string, ref: string): Promise<void> {
    this.asked.push(`tag ${ref}`)
    return await Promise.resolve()
  }

  async push(ref: string): Promise<string | undefined> {
    this.asked.push(`push ${ref}`)
    return await (this.fails.push === undefined ? Promise.resolve(this.digest) : Promise.reject(this.fails.push))
  }
}

interface Told {
  readonly builder: FakeBuilder
  readonly lines: string[]
  readonly result: Promise<PreparedImages>
}

const app: Image = {
  name: 'app',
  from: { kind: 'build', context: '.', dockerfile: 'docker/Dockerfile' },
  repository: 'ghcr.io/acme/app',
  to: [
    { release: 'api', path: ['app', 'image'], at },
    { release: 'api', path: ['worker', 'image'], at },
  ],
  at,
}

function prepare(
  images: readonly Image[],
  request: Partial<ImagesRequest> = {},
  { files = {}, builder = new FakeBuilder() }: { files?: Record<string, string>; builder?: FakeBuilder } = {},
): Told {
  const lines: string[] = []
  const all: Record<string, string> = { '/p/docker/Dockerfile': '', ...files }
  const ports = {
    builder,
    files: {
      read: async (path: string) => await Promise.resolve(all[path]),
      exists: async (path: string) => await Promise.resolve(Object.hasOwn(all, path)),
    },
    sources: { env: () => undefined },
    progress: (text: string) => void lines.push(text),
    onLine: (line: string, image: string) => void lines.push(`${image}: ${line}`),
  }
  const whole: ImagesRequest = {
    images,
    environment: 'prod',
    dir: '/p',
    target: 'cluster',
    skipBuild: false,
    previousValues: new Map(),
    ...request,
  }
  return { builder, lines, result: prepareImages(whole, ports, never) }
}

describe('step 2 with a stand-in for the builder', () => {
  test('no images: skipped, and why', async () => {
    expect(await prepare([]).result).toEqual({
      refs: new Map(),
      summary: 'skipped: forge.yaml names none',
      warnings: [],
    })
  })

  test('sandbox: nothing is built, the chart keeps its defaults; a given reference is used', async () => {
    const told = prepare([app], { target: 'sandbox' })
    expect(await told.result).toEqual({
      refs: new Map(),
      summary: 'skipped: simulated nodes pull nothing',
      warnings: [],
    })
    expect(told.builder.asked).toEqual([])
    const both = await prepare([app, { name: 'db', from: { kind: 'ref', ref: 'postgres:18' }, to: [], at }], {
      target: 'sandbox',
    }).result
    expect([...both.refs]).toEqual([['db', 'postgres:18']])
  })

  test.each([
    ['postgres', ['image db: postgres has no tag, so what runs can change without a deploy']],
    ['postgres:latest', ['image db: postgres:latest says latest, so what runs can change without a deploy']],
    ['postgres:18', []],
    [`postgres:latest@${DIGEST}`, []],
  ])('reference %s is used as it is', async (ref, warnings) => {
    const result = await prepare([{ name: 'db', from: { kind: 'ref', ref }, to: [], at }]).result
    expect(result).toMatchObject({ summary: 'db as forge.yaml gives it', warnings })
    expect(result.refs.get('db')).toBe(ref)
  })

  test('built, tagged by content, pushed and pinned by digest', async () => {
    const { builder, lines, result } = prepare([app])
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${DIGEST}`)
    expect((await result).summary).toBe('app built and pushed')
    expect(builder.asked).toEqual(['build', `tag ${TAGGED}`, `push ${TAGGED}`])
    expect(builder.builds).toEqual([{ context: '/p', dockerfile: '/p/docker/Dockerfile', args: {} }])
    expect(lines).toEqual(['building app', 'app: STEP 1: FROM scratch', 'pushing app'])
  })

  test('unchanged content keeps the very reference that runs, and is not pushed', async () => {
    const previousValues = new Map([['api', { app: { image: `${TAGGED}@sha256:${'e'.repeat(64)}` } }]])
    const { builder, result } = prepare([app], { previousValues })
    expect(await result).toMatchObject({ summary: 'app unchanged', warnings: [] })
    expect((await result).refs.get('app')).toBe(`${TAGGED}@sha256:${'e'.repeat(64)}`)
    expect(builder.asked).toEqual(['build', `tag ${TAGGED}`])
  })

  test('without a registry host it stays on this machine, and that is said', async () => {
    const { repository: _none, ...local } = app
    const { builder, result } = prepare([local])
    expect((await result).refs.get('app')).toBe('app:sha-1f3c9a2e0b44')
    expect(builder.asked).toEqual(['build', 'tag app:sha-1f3c9a2e0b44'])
    expect((await result).warnings[0]).toContain('not pushed')
    expect((await prepare([{ ...app, repository: 'acme/app' }]).result).summary).toBe('app built')
  })

  test('no digest told: the tag alone, and that is said', async () => {
    const builder = new FakeBuilder()
    builder.digest = undefined
    const result = await prepare([app], {}, { builder }).result
    expect(result.refs.get('app')).toBe(TAGGED)
    expect(result.warnings).toHaveLength(1)
  })

  test('a failed build ends it: the next image is not touched and nothing older takes its place', async () => {
    const builder = new FakeBuilder()
    builder.fails.build = new ForgeError('E_IMAGE_BUILD', 'docker build failed: no such file', {
      hint: program('docker', 'info'),
      log: ['COPY x', 'no such file'],
    })
    const previousValues = new Map([['api', { app: { image: 'ghcr.io/acme/app:old' } }]])
    const { result } = prepare([app, { ...app, name: 'second' }], { previousValues }, { builder })
    await expect(result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      exitStatus: 3,
      message: 'image app: docker build failed: no such file',
      details: { where: 'forge.yaml:30', log: ['COPY x', 'no such file'] },
    })
    expect(builder.asked).toEqual(['build'])
  })

  test('a registry that refuses ends it', async () => {
    const builder = new FakeBuilder()
    builder.fails.push = new ForgeError('E_IMAGE_PUSH', 'docker push failed: denied', {
      hint: program('docker', 'login'),
    })
    await expect(prepare([app], {}, { builder }).result).rejects.toMatchObject({
      code: 'E_IMAGE_PUSH',
      message: 'image app: docker push failed: denied',
    })
  })

  test('what is wrong in forge.yaml is found before anything is built', async () => {
    const bad: [Image, string][] = [
      [{ ...app, name: 'x', repository: 'ghcr.io/Acme/x' }, 'E_IMAGE_REFERENCE'],
      [{ ...app, name: 'x', from: { kind: 'ref', ref: 'a b' } }, 'E_IMAGE_REFERENCE'],
      [{ ...app, name: 'x', from: { kind: 'build', context: '.', dockerfile: 'Missing' } }, 'E_IMAGE_BUILD'],
      [{ ...app, name: 'x', from: { kind: 'compose', file: 'missing.yml', service: 'x' } }, 'E_IMAGE_COMPOSE'],
    ]
    for (const [image, code] of bad) {
      const { builder, result } = prepare([app, image])
      await expect(result).rejects.toMatchObject({ code })
      expect(builder.asked).toEqual([])
    }
  })

  test('compose: paths from its folder, variables from the .env beside it', async () => {
    const from = { kind: 'compose', file: 'deploy/compose.yml', service: 'app' } as const
    const files = {
      '/p/deploy/compose.yml':
        'services: { app: { build: { context: .., dockerfile: docker/Dockerfile, args: { V: "${V}" } } } }',
      '/p/deploy/.env': 'V=3\n',
    }
    const { builder, result } = prepare([{ ...app, from }], {}, { files })
    await result
    expect(builder.builds).toEqual([{ context: '/p', dockerfile: '/p/docker/Dockerfile', args: { V: '3' } }])
  })

  describe('--skip-build', () => {
    test('keeps what runs', async () => {
      const previousValues = new Map([['api', { worker: { image: 'ghcr.io/acme/app:sha-1' } }]])
      const { builder, result } = prepare([app], { skipBuild: true, previousValues })
      expect(await result).toMatchObject({ summary: 'skipped: --skip-build, those that run stay' })
      expect((await result).refs.get('app')).toBe('ghcr.io/acme/app:sha-1')
      expect(builder.asked).toEqual([])
    })

    test('two that differ: the first, and that is said', async () => {
      const previousValues = new Map([['api', { app: { image: 'a:1' }, worker: { image: 'a:2' } }]])
      const result = await prepare([app], { skipBuild: true, previousValues }).result
      expect(result.warnings).toEqual(['image app: a:1 is used everywhere, though a:2 runs too'])
    })

    test('nothing runs: refused', async () => {
      await expect(prepare([app], { skipBuild: true }).result).rejects.toMatchObject({
        code: 'E_IMAGE_UNKNOWN',
        exitStatus: 3,
        message:
          '--skip-build keeps the image that runs, but no live release of prod has image app (api:app.image, api:worker.image)',
        hint: forge('deploy', '--env', 'prod'),
      })
    })
  })
})
