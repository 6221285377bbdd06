import { describe, expect, test } from '@jest/globals'
import type { Image } from '../../src/domain/config/model.ts'
import { foreseeImages } from '../../src/flows/images/foresee.ts'
import type { Registered } from '../../src/ports.ts'
import {
  app,
  at,
  DIGEST,
  FakeBuilder,
  FakeRegistry,
  portsOf,
  prepare,
  SOURCES,
  taggedBy,
} from '../support/images-scene.ts'

const TAGGED = await taggedBy(app)

describe('what a deploy would do, as a plan foresees it', () => {
  const foreseen = async (registered: Registered[], live: Record<string, unknown> = {}, image: Image = app) => {
    const registry = new FakeRegistry()
    registry.answers = registered
    const request = { images: [image], dir: '/p', previousValues: new Map([['api', live]]) }
    const builder = new FakeBuilder()
    const { images } = await foreseeImages(request, portsOf({ registry, builder }))
    expect(builder.asked).toEqual([])
    return { ...images.get('app'), asked: registry.asked.length }
  }

  test('these sources run: the very reference, and no registry is asked', async () => {
    const ref = `${TAGGED}@${DIGEST}`
    expect(await foreseen([{ is: 'absent' }], { app: { image: ref } })).toEqual({ is: 'unchanged', ref, asked: 0 })
  })

  test('the registry has them: what it has', async () => {
    const ref = `${TAGGED}@${DIGEST}`
    const live = { app: { image: 'ghcr.io/acme/app:old' } }
    expect(await foreseen([{ is: 'there', digest: DIGEST }], live)).toEqual({
      is: 'there',
      in: 'registry',
      ref,
      asked: 1,
    })
  })

  test('it has them not, or does not say: they would be built', async () => {
    for (const one of [{ is: 'absent' }, { is: 'unknown', why: 'x' }] as const)
      expect(await foreseen([one])).toEqual({ is: 'built', tagged: TAGGED, asked: 1 })
  })

  test('an image of this machine is the same one by its tag: nobody else moves it', async () => {
    const { repository: _none, ...local } = app
    const ref = TAGGED.replace('ghcr.io/acme/', '')
    expect(await foreseen([], { app: { image: ref } }, local)).toEqual({ is: 'unchanged', ref, asked: 0 })
    expect(await foreseen([], {}, local)).toEqual({ is: 'built', tagged: ref, asked: 0 })
  })
})

describe('what an image is made of', () => {
  test('target, arguments, platforms and the rest reach the builder', async () => {
    const from = {
      ...SOURCES,
      target: 'final',
      args: [
        { name: 'A', source: { kind: 'literal', value: 1, text: '1.0', at } },
        { name: 'B', source: { kind: 'env', name: 'B', at } },
      ],
      platforms: ['linux/arm64', 'linux/amd64'],
      ...{ ssh: ['default'], cacheFrom: ['from'], cacheTo: ['to'] },
    } as const
    const { builder, result } = prepare([{ ...app, from }], {}, { env: { B: 'b' } })
    expect((await result).refs.get('app')).not.toContain(TAGGED)
    expect(builder.builds).toMatchObject([
      {
        ...{ target: 'final', args: { A: '1.0', B: 'b' }, platforms: ['linux/arm64', 'linux/amd64'] },
        ...{ ssh: ['default'], cacheFrom: ['from'], cacheTo: ['to'] },
      },
    ])
    await expect(prepare([{ ...app, from }]).result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      message: 'image app: the build argument B (environment variable B): environment variable B is not set',
      details: { where: 'forge.yaml:30' },
    })
  })

  test('secrets reach the builder, are masked, and decide no tag; where nothing is built they are not asked for', async () => {
    const from = { ...SOURCES, secrets: [{ id: 'token', source: { kind: 'env', name: 'TOKEN', at } }] } as const
    const image = { ...app, from }
    const one = prepare([image], {}, { env: { TOKEN: 's3cret' } })
    const tag = [...(await one.result).refs.values()]
    expect(one.builder.builds[0]?.secrets).toEqual({ token: new TextEncoder().encode('s3cret') })
    expect(one.lines[1]).toBe('secret s3cret')
    expect([...(await prepare([image], {}, { env: { TOKEN: 'other' } }).result).refs.values()]).toEqual(tag)
    await expect(prepare([image]).result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      message: 'image app: environment variable TOKEN is not set (secret token of its build)',
    })
    const registry = new FakeRegistry()
    registry.answers = [{ is: 'there', digest: DIGEST }]
    expect((await prepare([image], {}, { registry }).result).summary).toBe('app in the registry already')
  })

  test('.dockerignore of the Dockerfile goes before that of the context, and is named to the builder', async () => {
    const files = { '/p/.dockerignore': '*.md', '/p/docker/Dockerfile.dockerignore': '*.txt' }
    const { builder, result } = prepare([app], {}, { files })
    await result
    expect(builder.builds[0]?.ignoreFile).toBe('/p/docker/Dockerfile.dockerignore')
    const bad = prepare([app], {}, { files: { '/p/.dockerignore': 'a\n[' } })
    await expect(bad.result).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      message: 'image app: "[" has a "[" that is not closed',
      details: { where: '/p/.dockerignore:2' },
    })
    expect(bad.builder.asked).toEqual([])
  })

  test('a repository elsewhere is built at the commit that it has now', async () => {
    const from = { ...SOURCES, context: 'https://example.org/app.git#main:web', dockerfile: 'Dockerfile' }
    const { builder, result } = prepare([{ ...app, from }])
    await result
    const pinnedTo = `https://example.org/app.git#${'c'.repeat(40)}:web`
    expect(builder.builds).toMatchObject([{ context: pinnedTo, dockerfile: { path: 'Dockerfile' } }])
    for (const [context, message] of [
      ['https://example.org/app.git#gone', /the context https:\/\/example\.org\/app\.git#gone: it is gone/u],
      ['https://example.org/app.tgz', /is no git repository/u],
    ] as const)
      await expect(prepare([{ ...app, from: { ...from, context } }]).result).rejects.toMatchObject({
        code: 'E_IMAGE_BUILD',
        message: expect.stringMatching(message),
      })
  })

  test('compose: a Dockerfile in the file itself, folders beside the context, secrets from its folder', async () => {
    const from = { kind: 'compose', file: 'deploy/compose.yml', service: 'app' } as const
    const files = {
      '/p/deploy/compose.yml': `services: { app: { build: {
        context: .., dockerfile_inline: "FROM scratch", secrets: [key],
        additional_contexts: { lib: ./lib, base: "docker-image://alpine:3" } } } }
secrets: { key: { file: key.txt } }`,
      '/p/deploy/lib/a': '1',
      '/p/deploy/key.txt': 's3cret',
    }
    const image = { ...app, from }
    const { builder, result } = prepare([image], {}, { files })
    await result
    expect(builder.builds).toMatchObject([
      {
        dockerfile: { text: 'FROM scratch' },
        contexts: { lib: '/p/deploy/lib', base: 'docker-image://alpine:3' },
        secrets: { key: new TextEncoder().encode('s3cret') },
      },
    ])
    const changed = { ...files, '/p/deploy/lib/a': '2' }
    expect(await taggedBy(image, { files: changed })).not.toBe(await taggedBy(image, { files }))
  })
})
