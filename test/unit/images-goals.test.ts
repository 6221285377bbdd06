import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { containerBuilder } from '../../src/adapters/images/builder.ts'
import { callsIn, image, REF, scriptIn, WORKS } from '../support/builder-scripts.ts'

const never = new AbortController().signal
const silent = (): undefined => undefined

let dir = ''
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'forge-builder-'))))
afterEach(async () => await rm(dir, { recursive: true, force: true }))

const script = async (name: string, body: string): Promise<void> => await scriptIn(dir, name, body)
const calls = async (): Promise<string[]> => await callsIn(dir)

describe('what each builder does with an image that it has built', () => {
  test('an image that is pushed to another repository too is not built again for it', async () => {
    const to = 'docker.io/acme/app:sha-1'
    for (const [name, call] of [
      ['buildah', `buildah push --digestfile TMP/digest ${REF} docker://${to}`],
      ['podman', `podman push --digestfile TMP/digest ${REF} docker://${to}`],
      ['docker', `docker push ${to}`],
      ['buildx', `docker buildx build --push --tag ${to} --metadata-file TMP/digest --file`],
    ] as const) {
      await script(name === 'buildx' ? 'docker' : name, WORKS)
      await containerBuilder({ path: dir, wanted: name }).push(image, { ref: REF, to }, silent, never)
      expect(await calls()).toContainEqual(expect.stringContaining(call))
    }
    expect(await calls()).toContain(`docker tag ${REF} ${to}`)
  })

  test('what goes to nodes is saved as docker does it, for the time in which it is loaded', async () => {
    const files: string[] = []
    for (const [name, call] of [
      ['buildah', `buildah push ${REF} TMP/app:sha-1`],
      ['podman', `podman save --format docker-archive --output TMP/image.tar ${REF}`],
      ['docker', `docker save --output TMP/image.tar ${REF}`],
    ] as const) {
      await script(name, WORKS)
      const use = async (file: string): Promise<void> => {
        files.push(file)
        expect((await stat(dirname(file))).isDirectory()).toBe(true)
      }
      await containerBuilder({ path: dir, wanted: name }).save(image, REF, use, never)
      expect((await calls()).at(-1)).toBe(call)
    }
    expect(files.map((file) => basename(file))).toEqual(['image.tar', 'image.tar', 'image.tar'])
    for (const file of files) await expect(stat(dirname(file))).rejects.toThrow('ENOENT')
    const two = { ...image, platforms: ['linux/amd64', 'linux/arm64'] }
    const saved = containerBuilder({ path: dir, wanted: 'docker' }).save(
      two,
      REF,
      async () => await Promise.reject(new Error('it was saved')),
      never,
    )
    await expect(saved).rejects.toMatchObject({
      code: 'E_IMAGE_LOAD',
      message: 'an image of several platforms (linux/amd64, linux/arm64) cannot be loaded into nodes',
    })
  })
})
