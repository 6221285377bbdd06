import { describe, expect, test } from '@jest/globals'
import type { Image } from '../../src/domain/config/model.ts'
import { ForgeError } from '../../src/errors.ts'
import { prepareImages } from '../../src/flows/images/prepare.ts'
import { again, forge, program } from '../../src/hint.ts'
import {
  app,
  at,
  DIGEST,
  FakeBuilder,
  FakeRegistry,
  OTHER,
  portsOf,
  prepare,
  REPOSITORY,
  SOURCES,
  taggedBy,
} from '../support/images-scene.ts'

const TAGGED = await taggedBy(app)

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
    ['postgres', ['image db: postgres has no tag, so what runs can change without a deploy (not pinned: it is busy)']],
    [
      'postgres:latest',
      ['image db: postgres:latest says latest, so what runs can change without a deploy (not pinned: it is busy)'],
    ],
    ['postgres:18', []],
    [`postgres:latest@${DIGEST}`, []],
  ])('reference %s is used as it is', async (ref, warnings) => {
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'unknown', why: 'it is busy' }]
    const result = await prepare([{ name: 'db', from: { kind: 'ref', ref }, to: [], at }], {}, { registry }).result
    expect(result).toMatchObject({ summary: 'db as forge.yaml gives it', warnings })
    expect(result.refs.get('db')).toBe(ref)
  })

  test.each(['postgres', 'postgres:latest'])(
    'reference %s, which floats, is pinned to what its registry has',
    async (ref) => {
      const registry = new FakeRegistry()
      registry.answers = [{ is: 'there', digest: DIGEST }]
      const result = await prepare([{ name: 'db', from: { kind: 'ref', ref }, to: [], at }], {}, { registry }).result
      expect([...result.refs, ...result.warnings]).toEqual([['db', `${ref}@${DIGEST}`]])
    },
  )

  test('built, tagged by content, pushed and pinned by digest', async () => {
    const { builder, registry, lines, result } = prepare([app])
    expect(TAGGED).toMatch(/^ghcr\.io\/acme\/app:sha-[0-9a-f]{16}$/u)
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${DIGEST}`)
    expect((await result).summary).toBe('app built and pushed')
    expect(builder.asked).toEqual([`build ${TAGGED}`, `push ${TAGGED}`])
    expect(builder.builds).toMatchObject([
      {
        ...{ context: '/p', dockerfile: { path: '/p/docker/Dockerfile' }, args: {}, platforms: ['linux/amd64'] },
        labels: {
          'org.opencontainers.image.revision': 'a'.repeat(40),
          'org.opencontainers.image.source': 'https://example.org/p.git',
        },
      },
    ])
    expect(lines).toEqual(['building app', 'app: STEP 1: FROM scratch', 'pushing app'])
    expect(registry.asked).toEqual([TAGGED, TAGGED, `${TAGGED}@${DIGEST}`])
  })

  test('a tag that the registry has is not built again', async () => {
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'there', digest: OTHER }]
    const { builder, result } = prepare([app], {}, { registry })
    expect(await result).toMatchObject({ summary: 'app in the registry already', warnings: [] })
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${OTHER}`)
    expect(builder.asked).toEqual([])
  })

  test('what another runner pushed while this one built is used, and not pushed over', async () => {
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'absent' }, { is: 'there', digest: OTHER }]
    const { builder, result } = prepare([app], {}, { registry })
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${OTHER}`)
    expect(builder.asked).toEqual([`build ${TAGGED}`])
  })

  test('a registry that cannot be asked is pushed to all the same', async () => {
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'unknown', why: 'it does not answer (ECONNREFUSED)' }]
    const { builder, result } = prepare([app], {}, { registry })
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${DIGEST}`)
    expect(builder.asked).toEqual([`build ${TAGGED}`, `push ${TAGGED}`])
  })

  test('unchanged content keeps the very reference that runs; nothing is asked or built', async () => {
    const previousValues = new Map([['api', { app: { image: `${TAGGED}@${OTHER}` } }]])
    const { builder, registry, result } = prepare([app], { previousValues })
    expect(await result).toMatchObject({ summary: 'app unchanged', warnings: [] })
    expect((await result).refs.get('app')).toBe(`${TAGGED}@${OTHER}`)
    expect([builder.asked, registry.asked]).toEqual([[], []])
    const floating = new Map([['api', { app: { image: TAGGED } }]])
    expect((await prepare([app], { previousValues: floating }).result).summary).toBe('app built and pushed')
  })

  test('without a registry host it stays on this machine, and that is said', async () => {
    const { repository: _none, ...local } = app
    const { builder, registry, result } = prepare([local])
    const ref = TAGGED.replace(REPOSITORY, 'app')
    expect((await result).refs.get('app')).toBe(ref)
    expect([builder.asked, registry.asked]).toEqual([[`build ${ref}`], []])
    expect((await result).warnings[0]).toContain('not pushed')
    expect((await prepare([{ ...app, repository: 'acme/app' }]).result).summary).toBe('app built')
  })

  test('no digest told: the registry is asked, and without an answer nothing is deployed', async () => {
    const builder = new FakeBuilder()
    builder.digest = undefined
    expect((await prepare([app], {}, { builder }).result).refs.get('app')).toBe(`${TAGGED}@${DIGEST}`)
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'unknown', why: 'it answers with status 500' }]
    await expect(prepare([app], {}, { builder, registry }).result).rejects.toMatchObject({
      code: 'E_IMAGE_PUSH',
      exitStatus: 3,
      message: `image app: ${TAGGED} was pushed, but its digest is not known: it answers with status 500`,
    })
  })

  test('a push that leaves nothing in the registry is none', async () => {
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'absent' }]
    await expect(prepare([app], {}, { registry }).result).rejects.toMatchObject({ code: 'E_IMAGE_PUSH' })
  })

  test('a failed build ends the others, is awaited with them, and nothing older takes its place', async () => {
    const builder = new FakeBuilder()
    const failure = new ForgeError('E_IMAGE_BUILD', 'buildah build failed: no such file', {
      hint: program('docker', 'info'),
      log: ['COPY x', 'no such file'],
    })
    const ended: string[] = []
    builder.during = async (ref, signal) => {
      if (ref.startsWith(REPOSITORY)) throw failure
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      ended.push(ref)
      signal.throwIfAborted()
    }
    const second = { ...app, name: 'second', repository: 'ghcr.io/acme/second' }
    const previousValues = new Map([['api', { app: { image: 'ghcr.io/acme/app:old' } }]])
    const { result } = prepare([second, app], { previousValues }, { builder })
    await expect(result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      exitStatus: 3,
      message: 'image app: buildah build failed: no such file',
      details: { where: 'forge.yaml:30', log: ['COPY x', 'no such file'] },
    })
    expect(ended).toHaveLength(1)
    expect(builder.asked.filter((one) => one.startsWith('push'))).toEqual([])
  })

  test('sources that change while they are built are not pushed under the tag of before', async () => {
    const files = { '/p/main.ts': 'one' }
    const builder = new FakeBuilder()
    const scene = { builder, files }
    const ports = portsOf(scene)
    const changed = portsOf({ files: { '/p/main.ts': 'two' } })
    let isChanged = false
    builder.during = async () => await Promise.resolve(void (isChanged = true))
    const contexts = {
      ...ports.contexts,
      files: async (...args: Parameters<typeof ports.contexts.files>) =>
        await (isChanged ? changed : ports).contexts.files(...args),
    }
    const request = { images: [app], environment: 'prod', dir: '/p', target: 'cluster', skipBuild: false } as const
    const result = prepareImages({ ...request, previousValues: new Map() }, { ...ports, contexts })
    await expect(result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      message: 'image app: its sources were changed while it was built',
      hint: again(),
    })
    expect(builder.asked).toHaveLength(1)
  })

  test('images are built side by side', async () => {
    const builder = new FakeBuilder()
    const names = ['a', 'b', 'c']
    const all = Promise.withResolvers<undefined>()
    builder.during = async () => {
      if (builder.asked.length === names.length) all.resolve(undefined)
      await all.promise
    }
    const images = names.map((name) => ({ ...app, name, repository: `ghcr.io/acme/${name}` }))
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'unknown', why: 'nothing' }]
    expect((await prepare(images, {}, { builder, registry }).result).summary).toBe('a, b, c built and pushed')
  })

  test('Ctrl-C ends it as what it is', async () => {
    const builder = new FakeBuilder()
    const stop = new AbortController()
    builder.during = async (_, signal) => {
      stop.abort(new Error('stopped'))
      signal.throwIfAborted()
      return await Promise.resolve()
    }
    await expect(prepare([app], {}, { builder, signal: stop.signal }).result).rejects.toThrow('stopped')
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
      [{ ...app, name: 'x', from: { ...SOURCES, dockerfile: 'Missing' } }, 'E_IMAGE_BUILD'],
      [{ ...app, name: 'x', from: { ...SOURCES, context: 'nowhere' } }, 'E_IMAGE_BUILD'],
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
    expect(builder.builds).toMatchObject([
      { context: '/p', dockerfile: { path: '/p/docker/Dockerfile' }, args: { V: '3' } },
    ])
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
