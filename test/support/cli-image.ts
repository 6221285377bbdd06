import { cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { helms } from '../../bench/helms.ts'
import { ROOT } from './forge.ts'

/** What a shell, tar and Node need of a Linux; the image of Node has them, and more. */
const PROGRAMS = 'sh tar gzip mkdir mv ln chown chmod cat env id'.split(' ')

/**
 * The Dockerfile as it stands, by buildah, as localhost/forge. Its base and what it fetches come from this machine: there is no registry to
 * ask. What is packed has to be built before (`npm run build`).
 */
export async function buildCliImage(dir: string, env: Readonly<Record<string, string>>): Promise<void> {
  const buildah = async (...args: readonly string[]): Promise<unknown> => await execa('buildah', args, { env })
  await buildah('build', '--tag', 'localhost/base', await baseFolder(dir))
  await buildah('build', '--tag', 'localhost/fetched', await fetchedFolder(dir))
  const context = join(dir, 'context')
  await mkdir(context)
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', context], { cwd: ROOT })
  for (const name of ['Dockerfile', '.dockerignore']) await cp(join(ROOT, name), join(context, name))
  const given = ['BASE=localhost/base', 'FETCHED=localhost/fetched'].flatMap((one) => ['--build-arg', one])
  await buildah('build', '--pull=never', '--tag', 'localhost/forge', ...given, context)
}

async function baseFolder(dir: string): Promise<string> {
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

async function fetchedFolder(dir: string): Promise<string> {
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
