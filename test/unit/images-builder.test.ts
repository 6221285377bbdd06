import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { containerBuilder } from '../../src/adapters/images/builder.ts'
import { program } from '../../src/hint.ts'

const never = new AbortController().signal
const ID = `sha256:${'a'.repeat(64)}`
const DIGEST = `sha256:${'d'.repeat(64)}`
const image = { context: '/src', dockerfile: '/src/Dockerfile', args: {} }

let dir = ''
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'forge-builder-'))))
afterEach(async () => await rm(dir, { recursive: true, force: true }))

/** A shell script in the place of a container CLI, which notes how it was called. */
async function script(name: string, body: string, folder = dir): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\necho "${name} $*" >> "${dir}/calls"\n${body}\n`)
  await chmod(file, 0o755)
}

/** `--iidfile FILE` and `--digestfile FILE` get their content, as the real ones do it. */
const WORKS = `
command="$1"
while [ $# -gt 0 ]; do
  [ "$1" = --iidfile ] && printf '${ID}' > "$2"
  [ "$1" = --digestfile ] && printf '${DIGEST}' > "$2"
  shift
done
[ "$command" = image ] && printf 'ghcr.io/other@sha256:${'e'.repeat(64)}\\nghcr.io/acme/app@${DIGEST}\\n\\n'
exit 0`

async function calls(): Promise<string[]> {
  return (await readFile(join(dir, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.replace(/\S*forge-image-\S*\//gu, 'TMP/'))
}

describe('a container CLI that is a shell script (no container daemon is needed here)', () => {
  test('docker: build, tag, push, and the digest of the right repository', async () => {
    await script('docker', WORKS)
    const builder = containerBuilder({ path: dir })
    const id = await builder.build({ ...image, target: 'final', platform: 'linux/amd64' }, () => undefined, never)
    await builder.tag(id, 'ghcr.io/acme/app:sha-1', never)
    expect(id).toBe(ID)
    expect(await builder.push('ghcr.io/acme/app:sha-1', () => undefined, never)).toBe(DIGEST)
    expect(await calls()).toEqual([
      'docker ps --quiet',
      'docker build --iidfile TMP/id --file /src/Dockerfile --target final --platform linux/amd64 /src',
      `docker tag ${ID} ghcr.io/acme/app:sha-1`,
      'docker push ghcr.io/acme/app:sha-1',
      'docker image inspect --format {{range .RepoDigests}}{{println .}}{{end}} ghcr.io/acme/app:sha-1',
    ])
  })

  test('docker without its daemon: podman is used, and it tells the digest in a file', async () => {
    await script('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1')
    await script('podman', WORKS)
    const builder = containerBuilder({ path: dir })
    expect(await builder.find(never)).toBe('podman')
    expect(await builder.push('ghcr.io/acme/app:sha-1', () => undefined, never)).toBe(DIGEST)
    expect((await calls()).at(-1)).toBe('podman push --digestfile TMP/digest ghcr.io/acme/app:sha-1')
  })

  test('the first folder of PATH that has it wins; buildah is the last resort', async () => {
    await script('buildah', WORKS, join(dir, 'b'))
    await script('buildah', 'exit 1', join(dir, 'c'))
    const builder = containerBuilder({ path: [join(dir, 'a'), join(dir, 'b'), join(dir, 'c')].join(':') })
    expect(await builder.find(never)).toBe('buildah')
    await builder.build(image, () => undefined, never)
    expect((await calls()).at(-1)).toBe('buildah build --layers --iidfile TMP/id --file /src/Dockerfile /src')
  })

  test('none works: why, for each', async () => {
    await script('docker', 'echo "ERROR: Cannot connect to the Docker daemon at unix:///x. Is it running?" >&2; exit 1')
    await expect(containerBuilder({ path: dir }).find(never)).rejects.toMatchObject({
      code: 'E_IMAGE_BUILDER_MISSING',
      exitStatus: 3,
      message:
        'no builder of images works here: docker does not work (Cannot connect to the Docker daemon at unix:///x. Is it running?), podman is not installed, buildah is not installed',
      hint: program('docker', 'info'),
    })
  })

  test('output is passed on line by line; a failure carries its reason and the last lines', async () => {
    await script(
      'docker',
      '[ "$1" = ps ] && exit 0\necho "#1 COPY app"\nfor n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "#2 $n" >&2; done\necho "ERROR: failed to solve: no such file" >&2\necho >&2\nexit 1',
    )
    const lines: string[] = []
    const error: unknown = await containerBuilder({ path: dir })
      .build(image, (line) => lines.push(line), never)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'E_IMAGE_BUILD',
      exitStatus: 3,
      message: 'docker build failed: failed to solve: no such file',
    })
    expect((error as { details: { log: string[] } }).details.log).toHaveLength(12)
    expect((error as { details: { log: string[] } }).details.log).toContain('ERROR: failed to solve: no such file')
    expect(lines).toContain('#1 COPY app')
    expect(lines).toContain('#2 12')
  })

  test('values of build arguments travel in the environment, not among the arguments', async () => {
    await script('docker', `${WORKS.replace('exit 0', '')}\necho "$TOKEN" > "${dir}/token"`)
    const args = { TOKEN: 's3cret-value', FROM_SHELL: undefined, DOCKER_HOST: 'x' }
    await containerBuilder({ path: `${dir}:/usr/bin:/bin` }).build({ ...image, args }, () => undefined, never)
    expect((await calls()).at(-1)).toBe(
      'docker build --iidfile TMP/id --file /src/Dockerfile --build-arg TOKEN --build-arg FROM_SHELL --build-arg DOCKER_HOST=x /src',
    )
    expect((await readFile(join(dir, 'token'), 'utf8')).trim()).toBe('s3cret-value')
  })

  test('a build that leaves no image is a failure, though it ended well', async () => {
    await script('docker', 'exit 0')
    await expect(containerBuilder({ path: dir }).build(image, () => undefined, never)).rejects.toMatchObject({
      code: 'E_IMAGE_BUILD',
    })
  })

  test('Ctrl-C ends the build', async () => {
    // A shell passes no signal on to a child that it waits for; a real CLI ends at once.
    await script('docker', '[ "$1" = ps ] && exit 0\necho started\nexec sleep 30')
    const stop = new AbortController()
    const building = containerBuilder({ path: `${dir}:/usr/bin:/bin` }).build(
      image,
      () => stop.abort(new Error('stopped')),
      stop.signal,
    )
    await expect(building).rejects.toThrow('stopped')
  })
})
