import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAddress } from '../../domain/images/address.ts'
import type { BuilderName, ImageBuild } from '../../domain/images/build.ts'
import { ForgeError, type ErrorCode } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { forge, program } from '../../hint.ts'
import type { Builder, BuiltName } from '../../ports.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import { run, type RunOptions } from '../process.ts'
import {
  buildArgEnv,
  buildCommand,
  buildxPush,
  pushCommand,
  saveCommand,
  tooMuchForDocker,
  type BuildPlace,
} from './builder-args.ts'
import { findTool, reasonOf, type Tool } from './builder-tools.ts'

const LOG_LINES = 12

export interface BuilderOptions {
  readonly path: string
  /** `--builder`; undefined: the first that works. */
  readonly wanted?: BuilderName | undefined
  /** Added to the builder's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** docker buildx, buildah, podman or docker, whichever works on PATH. */
export function containerBuilder({ path, wanted, env = {} }: BuilderOptions): Builder {
  let found: Promise<Tool> | undefined
  const tool = async (signal: AbortSignal): Promise<Tool> => {
    found ??= findTool(path, wanted, signal)
    try {
      return await found
    } catch (error) {
      found = undefined
      throw error
    }
  }
  const doing = async <T>(
    image: ImageBuild,
    ref: string,
    how: Pick<Doing, 'onLine' | 'signal'>,
    work: (image: ImageBuild, doing: Doing) => Promise<T>,
  ): Promise<T> => {
    const own = await tool(how.signal)
    return await inTemporaryFolder('image', async (folder) => {
      const place = { ...(await writeInputs(image, folder)), ref }
      return await work(image, { ...how, tool: own, folder, place, env })
    })
  }
  return {
    find: async (signal) => (await tool(signal)).name,
    build: async (image, ref, onLine, signal, passing = false) =>
      await doing(image, ref, { onLine, signal }, async (own, how) => await build(own, how, passing)),
    push: async (image, name, onLine, signal) =>
      await doing(image, name.ref, { onLine, signal }, async (own, how) => await push(own, name, how)),
    save: async (image, ref, use, signal) =>
      await doing(image, ref, { onLine: () => undefined, signal }, async (own, how) => await use(await save(own, how))),
  }
}

interface Doing {
  readonly tool: Tool
  /** For this build alone, and its owner only. */
  readonly folder: string
  readonly place: BuildPlace
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

async function writeInputs({ dockerfile, secrets }: ImageBuild, folder: string): Promise<Omit<BuildPlace, 'ref'>> {
  const secretFiles: Record<string, string> = {}
  for (const [at, [id, bytes]] of Object.entries(secrets).entries()) {
    const file = join(folder, `secret-${at}`)
    await writeFile(file, bytes, { mode: 0o600 })
    secretFiles[id] = file
  }
  if ('path' in dockerfile) return { dockerfile: dockerfile.path, secretFiles }
  const file = join(folder, 'Dockerfile')
  await writeFile(file, dockerfile.text)
  return { dockerfile: file, secretFiles }
}

async function build(image: ImageBuild, doing: Doing, passing: boolean): Promise<void> {
  const { tool, place } = doing
  const tooMuch = tool.name === 'docker' ? tooMuchForDocker(image) : undefined
  if (tooMuch !== undefined) {
    const message = `docker without buildx does not build with ${tooMuch}`
    throw new ForgeError('E_IMAGE_BUILD', message, { hint: program('docker', 'buildx', 'version') })
  }
  // A list of that name, of a build that was stopped, would be added to.
  if (image.platforms.length > 1 && tool.name !== 'buildx')
    await run(tool.file, ['manifest', 'rm', place.ref], { signal: doing.signal, env: doing.env })
  await invoke('E_IMAGE_BUILD', buildCommand(tool.name, image, place, passing), image, doing)
}

async function push(image: ImageBuild, name: BuiltName, doing: Doing): Promise<string | undefined> {
  const { tool, place, folder } = doing
  const file = join(folder, 'digest')
  const command =
    tool.name === 'buildx' ? buildxPush(image, place, name, file) : pushCommand(tool.name, image, name, file)
  if (tool.name === 'docker' && name.to !== name.ref)
    await invoke('E_IMAGE_PUSH', ['tag', name.ref, name.to], image, doing)
  await invoke('E_IMAGE_PUSH', command, image, doing)
  return digestIn(tool.name, tool.name === 'docker' ? await inspectDigest(name.to, doing) : await readText(file))
}

async function save(image: ImageBuild, doing: Doing): Promise<string> {
  if (image.platforms.length > 1) {
    const message = `an image of several platforms (${image.platforms.join(', ')}) cannot be loaded into nodes`
    throw new ForgeError('E_IMAGE_LOAD', message, { hint: forge('explain', 'E_IMAGE_LOAD') })
  }
  const file = join(doing.folder, 'image.tar')
  await invoke('E_IMAGE_LOAD', saveCommand(doing.tool.name, doing.place.ref, file), image, doing)
  return file
}

function digestIn(name: BuilderName, told: string): string | undefined {
  const text = name === 'buildx' ? /"containerimage\.digest":\s*"([^"]+)"/u.exec(told)?.[1] : told
  return /sha256:[0-9a-f]{64}/u.exec(text ?? '')?.[0]
}

/** docker lists a digest per repository that the image was pushed to or pulled from. */
async function inspectDigest(ref: string, { tool, env, signal }: Doing): Promise<string> {
  const args = ['image', 'inspect', '--format', '{{range .RepoDigests}}{{println .}}{{end}}', ref]
  const { status, stdout } = await run(tool.file, args, { signal, env })
  const repository = ref.slice(0, ref.lastIndexOf(':'))
  return (status === 0 ? stdout.split('\n') : []).find((line) => line.startsWith(`${repository}@`)) ?? ''
}

const WORDS = { E_IMAGE_BUILD: 'build', E_IMAGE_PUSH: 'push', E_IMAGE_LOAD: 'save' } as const satisfies Partial<
  Record<ErrorCode, string>
>

async function invoke(
  code: keyof typeof WORDS,
  args: readonly string[],
  image: ImageBuild,
  doing: Doing,
): Promise<void> {
  const { tool, onLine, signal } = doing
  const last: string[] = []
  const listen: NonNullable<RunOptions['onLine']> = (line) => {
    if (line.trim() !== '') last.push(line.trimEnd())
    if (last.length > LOG_LINES) last.shift()
    onLine(line)
  }
  const env = { ...doing.env, ...(code === 'E_IMAGE_BUILD' || tool.name === 'buildx' ? buildArgEnv(image.args) : {}) }
  // The Dockerfile of a repository elsewhere must not be taken from where forge happens to run.
  const cwd = isAddress(image.context) ? { cwd: doing.folder } : {}
  const result = await run(tool.file, args, { signal, onLine: listen, env, ...cwd })
  if (result.status === 0) return
  const what = WORDS[code]
  const shown = tool.name === 'buildx' ? `docker buildx ${what}` : `${tool.name} ${what}`
  throw new ForgeError(code, `${shown} failed: ${reasonOf(last, result)}`, {
    hint: program(tool.program, code === 'E_IMAGE_PUSH' ? 'login' : 'info'),
    log: last,
  })
}

async function readText(file: string): Promise<string> {
  return (await unlessItFails(readFile(file, 'utf8'), () => '')).trim()
}
