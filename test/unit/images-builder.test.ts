import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { containerBuilder } from '../../src/adapters/images/builder.ts'
import type { ImageBuild } from '../../src/ports.ts'
import { callsIn, DIGEST, image, NAME, REF, scriptIn, WORKS } from '../support/builder-scripts.ts'
import { again, program } from '../../src/hint.ts'

const never = new AbortController().signal
const silent = (): undefined => undefined

let dir = ''
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'forge-builder-'))))
afterEach(async () => await rm(dir, { recursive: true, force: true }))

const script = async (name: string, body: string, folder = dir): Promise<void> =>
  await scriptIn(dir, name, body, folder)
const calls = async (): Promise<string[]> => await callsIn(dir)

/** docker as it is where buildx is not installed. */
const NO_BUILDX = `[ "$1" = buildx ] && echo "docker: unknown command: docker buildx" >&2 && exit 1\n`

describe('a container CLI that is a shell script (no container daemon is needed here)', () => {
  test('buildx: build, then the same from its cache to the registry, which tells the digest', async () => {
    await script('docker', WORKS)
    const builder = containerBuilder({ path: dir })
    await builder.build({ ...image, target: 'final' }, REF, silent, never, true)
    expect(await builder.push(image, NAME, silent, never)).toBe(DIGEST)
    expect(await builder.find(never)).toBe('buildx')
    expect(await calls()).toEqual([
      'docker buildx version',
      'docker buildx inspect --bootstrap',
      `docker buildx build --file /src/Dockerfile --target final --platform linux/amd64 /src`,
      `docker buildx build --push --tag ${REF} --metadata-file TMP/digest --file /src/Dockerfile --platform linux/amd64 /src`,
    ])
  })

  test('buildx: what is to stay here is loaded into docker', async () => {
    await script('docker', WORKS)
    await containerBuilder({ path: dir }).build(image, REF, silent, never)
    expect((await calls()).at(-1)).toBe(
      `docker buildx build --load --tag ${REF} --file /src/Dockerfile --platform linux/amd64 /src`,
    )
  })

  test('buildx: several platforms stay in its cache until they are pushed', async () => {
    await script('docker', WORKS)
    const builder = containerBuilder({ path: dir, wanted: 'buildx' })
    await builder.build({ ...image, platforms: ['linux/amd64', 'linux/arm64'] }, REF, silent, never)
    expect((await calls()).at(-1)).toBe(
      'docker buildx build --file /src/Dockerfile --platform linux/amd64,linux/arm64 /src',
    )
  })

  test('docker without buildx: build, push, and the digest of the right repository', async () => {
    await script('docker', `${NO_BUILDX}${WORKS}`)
    const builder = containerBuilder({ path: dir })
    await builder.build(image, REF, silent, never)
    expect(await builder.push(image, NAME, silent, never)).toBe(DIGEST)
    expect(await calls()).toEqual([
      'docker buildx version',
      'docker ps --quiet',
      `docker build --tag ${REF} --file /src/Dockerfile --platform linux/amd64 /src`,
      `docker push ${REF}`,
      `docker image inspect --format {{range .RepoDigests}}{{println .}}{{end}} ${REF}`,
    ])
  })

  test('an image that the Dockerfile begins from is the one that was counted: by its digest', async () => {
    const bases = { 'docker.io/library/node:24': `docker.io/library/node@${DIGEST}` }
    await script('docker', WORKS)
    await containerBuilder({ path: dir, wanted: 'buildx' }).build({ ...image, bases }, REF, silent, never)
    const pinned = `docker-image://docker.io/library/node@${DIGEST}`
    expect((await calls()).at(-1)).toContain(
      ` --build-context docker.io/library/node:24=${pinned} --build-context node:24=${pinned} /src`,
    )
    await containerBuilder({ path: dir, wanted: 'docker' }).build({ ...image, bases }, REF, silent, never)
    expect((await calls()).at(-1)).toBe(
      `docker build --pull --tag ${REF} --file /src/Dockerfile --platform linux/amd64 /src`,
    )
  })

  test.each([
    ['several platforms', { platforms: ['linux/amd64', 'linux/arm64'] }],
    ['additional contexts', { contexts: { a: '/a' } }],
    ['secrets', { secrets: { a: new Uint8Array() } }],
    ['ssh', { ssh: ['default'] }],
    ['cacheTo', { cacheTo: ['x'] }],
  ])('docker without buildx is not asked for %s', async (what, more) => {
    await script('docker', `${NO_BUILDX}${WORKS}`)
    const built = containerBuilder({ path: dir }).build({ ...image, ...more }, REF, silent, never)
    await expect(built).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
      message: `docker without buildx does not build with ${what}`,
    })
  })

  test('buildah goes before podman, and both before a docker without buildx; --builder names another', async () => {
    await script('docker', `${NO_BUILDX}${WORKS}`)
    await script('podman', WORKS)
    expect(await containerBuilder({ path: dir }).find(never)).toBe('podman')
    await script('buildah', WORKS)
    expect(await containerBuilder({ path: dir }).find(never)).toBe('buildah')
    expect(await containerBuilder({ path: dir, wanted: 'docker' }).find(never)).toBe('docker')
    await expect(containerBuilder({ path: dir, wanted: 'buildx' }).find(never)).rejects.toMatchObject({
      code: 'E_IMAGE_BUILDER_MISSING',
      message:
        '--builder buildx does not work here: docker buildx does not work (docker: unknown command: docker buildx)',
      hint: again('--builder', 'buildah'),
    })
  })

  test('buildah: everything that a build has', async () => {
    await script('buildah', WORKS)
    const builder = containerBuilder({ path: dir })
    const whole: ImageBuild = {
      ...image,
      ignoreFile: '/src/.dockerignore',
      args: { A: '1' },
      contexts: { lib: '/lib' },
      labels: { 'org.example': 'x y' },
      secrets: { token: new TextEncoder().encode('s3cret') },
      ...{ ssh: ['default'], cacheFrom: ['from'], cacheTo: ['to'] },
    }
    await builder.build(whole, REF, silent, never)
    expect((await calls()).at(-1)).toBe(
      `buildah build --layers --tag ${REF} --file /src/Dockerfile --ignorefile /src/.dockerignore --platform linux/amd64 --build-arg A --build-context lib=/lib --secret id=token,src=TMP/secret-0 --label org.example=x y --ssh default --cache-from from --cache-to to /src`,
    )
    await builder.push(whole, NAME, silent, never)
    expect((await calls()).at(-1)).toBe(`buildah push --digestfile TMP/digest ${REF}`)
  })

  test('buildah: several platforms are a list, which is pushed whole', async () => {
    await script('buildah', WORKS)
    const builder = containerBuilder({ path: dir })
    const both = { ...image, platforms: ['linux/amd64', 'linux/arm64'] }
    await builder.build(both, REF, silent, never)
    expect(await builder.push(both, NAME, silent, never)).toBe(DIGEST)
    expect((await calls()).slice(1)).toEqual([
      `buildah manifest rm ${REF}`,
      `buildah build --manifest ${REF} --file /src/Dockerfile --platform linux/amd64,linux/arm64 /src`,
      `buildah manifest push --all --digestfile TMP/digest ${REF} docker://${REF}`,
    ])
  })

  test.each(['localhost:5000/a:1', '127.0.0.1:5000/a:1', '[::1]:5000/a:1'])(
    'a registry of this machine may do without TLS: %s',
    async (ref) => {
      await script('buildah', WORKS)
      await containerBuilder({ path: dir }).push(image, { ref, to: ref }, silent, never)
      expect((await calls()).at(-1)).toBe(`buildah push --digestfile TMP/digest --tls-verify=false ${ref}`)
    },
  )

  test('a Dockerfile that is no file becomes one', async () => {
    await script('buildah', 'while [ $# -gt 0 ]; do [ "$1" = --file ] && cat "$2"; shift; done')
    const lines: string[] = []
    const inline = { ...image, dockerfile: { text: 'FROM scratch\n' } }
    await containerBuilder({ path: `${dir}:/usr/bin:/bin` }).build(inline, REF, (line) => lines.push(line), never)
    expect(lines).toEqual(['FROM scratch'])
  })

  test('a secret is in a file that only this user can read, and in none afterwards', async () => {
    const body =
      'for one in "$@"; do case "$one" in id=*) f="${one#*src=}"; stat -c "%a $f" "$f"; cat "$f"; esac; done; env'
    await script('buildah', body)
    const lines: string[] = []
    const secrets = { token: new TextEncoder().encode('s3cret\n') }
    const path = `${dir}:/usr/bin:/bin`
    await containerBuilder({ path }).build({ ...image, secrets }, REF, (line) => lines.push(line), never)
    const [mode = '', content, ...others] = lines
    expect(mode).toMatch(/^600 /u)
    expect(content).toBe('s3cret')
    expect(others.filter((line) => line.includes('s3cret'))).toEqual([])
    expect(existsSync(mode.slice('600 '.length))).toBe(false)
  })

  test('buildx whose daemon does not run ends well all the same, and is not used', async () => {
    const inspected = 'Name:   default\\nDriver: \\nError:  failed to connect to the docker API at unix:///x\\n'
    await script('docker', `[ "$1" = ps ] && exit 1\n[ "$2" = inspect ] && printf '${inspected}'\nexit 0`)
    await script('buildah', WORKS)
    expect(await containerBuilder({ path: dir }).find(never)).toBe('buildah')
    await expect(containerBuilder({ path: dir, wanted: 'buildx' }).find(never)).rejects.toMatchObject({
      message:
        '--builder buildx does not work here: docker buildx does not work (failed to connect to the docker API at unix:///x)',
    })
  })

  test('none works: why, for each', async () => {
    await script('docker', 'echo "ERROR: Cannot connect to the Docker daemon at unix:///x. Is it running?" >&2; exit 1')
    await expect(containerBuilder({ path: dir }).find(never)).rejects.toMatchObject({
      code: 'E_IMAGE_BUILDER_MISSING',
      exitStatus: 3,
      message:
        'no builder of images works here: docker buildx does not work (Cannot connect to the Docker daemon at unix:///x. Is it running?), buildah is not installed, podman is not installed, docker does not work (Cannot connect to the Docker daemon at unix:///x. Is it running?)',
      hint: program('docker', 'info'),
    })
  })

  test('output is passed on line by line; a failure carries its reason and the last lines', async () => {
    await script(
      'buildah',
      '[ "$1" = --version ] && exit 0\necho "#1 COPY app"\nfor n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "#2 $n" >&2; done\necho "Error: building at STEP: no such file" >&2\necho >&2\nexit 1',
    )
    const lines: string[] = []
    const error: unknown = await containerBuilder({ path: dir })
      .build(image, REF, (line) => lines.push(line), never)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'E_IMAGE_BUILD',
      exitStatus: 3,
      message: 'buildah build failed: building at STEP: no such file',
    })
    expect((error as { details: { log: string[] } }).details.log).toHaveLength(12)
    expect((error as { details: { log: string[] } }).details.log).toContain('Error: building at STEP: no such file')
    expect(lines).toContain('#1 COPY app')
    expect(lines).toContain('#2 12')
  })

  test('values of build arguments travel in the environment, not among the arguments', async () => {
    await script('docker', `${WORKS.replace('exit 0', '')}\necho "$TOKEN" > "${dir}/token"`)
    const args = { TOKEN: 's3cret-value', DOCKER_HOST: 'x' }
    await containerBuilder({ path: `${dir}:/usr/bin:/bin` }).build({ ...image, args }, REF, silent, never)
    expect((await calls()).at(-1)).toBe(
      `docker buildx build --load --tag ${REF} --file /src/Dockerfile --platform linux/amd64 --build-arg TOKEN --build-arg DOCKER_HOST=x /src`,
    )
    expect((await readFile(join(dir, 'token'), 'utf8')).trim()).toBe('s3cret-value')
  })

  test('Ctrl-C ends the build', async () => {
    // A shell passes no signal on to a child that it waits for; a real CLI ends at once.
    await script('buildah', '[ "$1" = --version ] && exit 0\necho started\nexec sleep 30')
    const stop = new AbortController()
    const building = containerBuilder({ path: `${dir}:/usr/bin:/bin` }).build(
      image,
      REF,
      () => stop.abort(new Error('stopped')),
      stop.signal,
    )
    await expect(building).rejects.toThrow('stopped')
  })
})
