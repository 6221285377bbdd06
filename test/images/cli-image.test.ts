import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { helms } from '../../bench/helms.ts'
import { knownHelms } from '../../src/adapters/tools/known-helms.ts'
import { buildahStore } from '../support/buildah.ts'
import { ROOT } from '../support/forge.ts'

// The Dockerfile as it stands, by buildah. Its base and what it fetches come from this machine: there is no registry to ask.

/** What a shell, tar and Node need of a Linux; the image of Node has them, and more. */
const PROGRAMS = 'sh tar gzip mkdir mv ln chown chmod cat env id'.split(' ')

let dir = ''
let env: Record<string, string> = {}
let container = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-cli-image-'))
  env = await buildahStore(join(dir, 'store'))
  await buildah(['build', '--tag', 'localhost/base', await baseFolder()])
  await buildah(['build', '--tag', 'localhost/fetched', await fetchedFolder()])
  const context = join(dir, 'context')
  await mkdir(context)
  // Built by the command that runs these tests.
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', context], { cwd: ROOT })
  for (const name of ['Dockerfile', '.dockerignore']) await cp(join(ROOT, name), join(context, name))
  const given = ['BASE=localhost/base', 'FETCHED=localhost/fetched'].flatMap((one) => ['--build-arg', one])
  await buildah(['build', '--pull=never', '--tag', 'localhost/forge', ...given, context])
  container = await buildah(['from', '--pull=never', 'localhost/forge'])
}, 900_000)
afterAll(async () => {
  await buildah(['rm', '--all'])
  await rm(dir, { recursive: true, force: true })
})

async function buildah(args: readonly string[]): Promise<string> {
  return (await execa('buildah', args, { env })).stdout
}

const inside = async (...args: readonly string[]): Promise<string> =>
  await buildah(['run', '--isolation', 'chroot', container, '--', ...args])

async function baseFolder(): Promise<string> {
  const folder = join(dir, 'base')
  const node = await realpath(process.execPath)
  const { stdout } = await execa('which', PROGRAMS)
  const found = stdout.split('\n')
  for (const file of found) await copyTo(folder, file, file)
  await copyTo(folder, node, '/usr/local/bin/node')
  for (const library of await librariesOf([node, ...found])) await copyTo(folder, library, library)
  await mkdir(join(folder, 'root', 'tmp'), { recursive: true, mode: 0o777 })
  await symlink('usr/bin', join(folder, 'root', 'bin'))
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY root/ /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n')
  return folder
}

async function copyTo(folder: string, from: string, to: string): Promise<void> {
  // /bin and /lib are links to folders below /usr on every Linux of today.
  const place = join(folder, 'root', to.replace(/^\/bin\//u, '/usr/bin/'))
  await mkdir(dirname(place), { recursive: true })
  await cp(await realpath(from), place)
}

async function librariesOf(programs: readonly string[]): Promise<string[]> {
  const said = await Promise.all(programs.map(async (file) => (await execa('ldd', [file], { reject: false })).stdout))
  return [...new Set(said.join('\n').match(/\/\S+\.so\S*/gu))]
}

async function fetchedFolder(): Promise<string> {
  const folder = join(dir, 'fetched')
  const [, helm] = await helms()
  await mkdir(join(folder, 'linux-amd64'), { recursive: true })
  await cp(helm?.path ?? '', join(folder, 'linux-amd64', 'helm'))
  await execa('tar', ['-czf', 'helm.tar.gz', 'linux-amd64/helm'], { cwd: folder })
  const { stdout: kubectl } = await execa('which', ['kubectl'])
  await cp(await realpath(kubectl), join(folder, 'kubectl'))
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY helm.tar.gz kubectl /\n')
  return folder
}

test('it has forge, helm and kubectl, and runs them as nobody in particular', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  expect(await inside('forge', '--version')).toContain(`forge/${version} linux-x64`)
  expect(await inside('helm', 'version', '--short')).toMatch(/^v4\.3/u)
  expect(await inside('kubectl', 'version', '--client')).toContain('Client Version: v1.')
  expect(await inside('sh', '-c', 'id -u; cd; echo > here; cd /work; echo > here; echo $HOME')).toBe(
    '1000\n/home/forge',
  )
  const others = 'for one in /usr/local/bin/forge /opt/forge/dist/main.js /usr/local/bin/helm; do test ! -w $one; done'
  await inside('sh', '-euc', others)
})

test('started by its name it is forge', async () => {
  const { OCIv1 } = JSON.parse(await buildah(['inspect', '--type', 'image', 'localhost/forge'])) as {
    OCIv1: { config: Record<string, unknown> }
  }
  expect(OCIv1.config).toMatchObject({ Entrypoint: ['forge'], User: '1000:1000', WorkingDir: '/work' })
  await inside('forge', 'explain', 'E_USAGE')
})

test('what it fetches is what forge knows of helm, and kubectl is at most a minor version from the sandbox', async () => {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
  const [known] = knownHelms([4, 3, 0])
  for (const arch of ['amd64', 'arm64'])
    expect(text).toContain(
      `sha256:${known?.archives?.[`linux-${arch}`] ?? ''} https://get.helm.sh/helm-v${known?.version ?? ''}-linux-${arch}.tar.gz`,
    )
  const [, minor = ''] =
    /k8s\.io\/kubernetes v1\.(\d+)/u.exec(await readFile(join(ROOT, 'k8s/sandbox/go.mod'), 'utf8')) ?? []
  const fetched = [...text.matchAll(/release\/v1\.(\d+)\.\d+\//gu)].map(([whole, own = '']) => ({ whole, own }))
  expect(fetched).toHaveLength(2)
  expect(fetched[1]?.whole).toBe(fetched[0]?.whole)
  // As far as kubectl and an API server may be apart (kubernetes.io, "Version Skew Policy").
  expect(Math.abs(Number(fetched[0]?.own) - Number(minor))).toBeLessThanOrEqual(1)
})
