import { constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ForgeError, type ErrorCode } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import type { Builder, ImageBuild } from '../../ports.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import { isThere } from '../files/there.ts'
import { run, type RunOptions, type RunResult } from '../process.ts'
import { unlessItFails } from '../../expected.ts'

const LOG_LINES = 12

/** In this order; the first whose probe succeeds is used (a docker client without its daemon is of no use). */
const TOOLS = [
  { name: 'docker', probe: ['ps', '--quiet'], digestFile: false, buildFlags: [] },
  { name: 'podman', probe: ['ps', '--quiet'], digestFile: true, buildFlags: [] },
  // Without cached layers every build has another id, and unchanged sources would look like a change.
  { name: 'buildah', probe: ['--version'], digestFile: true, buildFlags: ['--layers'] },
] as const

interface Tool {
  readonly name: string
  readonly file: string
  /** `push --digestfile`; docker tells the digest when the image is inspected. */
  readonly digestFile: boolean
  readonly buildFlags: readonly string[]
}

/** docker, podman or buildah, whichever works on PATH. */
export function containerBuilder({ path = process.env['PATH'] ?? '' }: { readonly path?: string } = {}): Builder {
  let found: Promise<Tool> | undefined
  const tool = async (signal: AbortSignal): Promise<Tool> => {
    found ??= findTool(path, signal)
    try {
      return await found
    } catch (error) {
      found = undefined
      throw error
    }
  }
  return {
    find: async (signal) => (await tool(signal)).name,
    build: async (image, onLine, signal) =>
      await inTemporaryFolder(
        'image',
        async (folder) => await build(await tool(signal), image, { folder, onLine, signal }),
      ),
    async tag(id, ref, signal) {
      await invoke(await tool(signal), ['tag', id, ref], { code: 'E_IMAGE_BUILD', signal })
    },
    push: async (ref, onLine, signal) =>
      await inTemporaryFolder(
        'image',
        async (folder) => await push(await tool(signal), ref, { folder, onLine, signal }),
      ),
  }
}

interface Doing {
  readonly folder: string
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

async function build(tool: Tool, image: ImageBuild, { folder, onLine, signal }: Doing): Promise<string> {
  const idFile = join(folder, 'id')
  const { flags, env } = buildArgs(image.args)
  const args = [
    ...['build', ...tool.buildFlags, '--iidfile', idFile, '--file', image.dockerfile],
    ...(image.target === undefined ? [] : ['--target', image.target]),
    ...(image.platform === undefined ? [] : ['--platform', image.platform]),
    ...flags,
    image.context,
  ]
  await invoke(tool, args, { code: 'E_IMAGE_BUILD', onLine, env, signal })
  const id = await readText(idFile)
  if (id !== '') return id
  throw new ForgeError('E_IMAGE_BUILD', `${tool.name} build ended well, but left no image here`, {
    hint: program(tool.name, 'images'),
  })
}

/** Names that the builder itself listens to; a build argument of such a name goes as an argument. */
const OWN =
  /^(?:PATH|HOME|USER|SHELL|LANG|TERM|TMPDIR|REGISTRY_AUTH_FILE|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|BUILDAH_.*|CONTAINERS?_.*|XDG_.*|STORAGE_.*|LC_.*|LD_.*)$/u

/** Values travel in the environment: a process's arguments can be read by everybody on the machine. */
function buildArgs(args: ImageBuild['args']): { flags: string[]; env: Record<string, string> } {
  const pairs = Object.entries(args)
  return {
    flags: pairs.flatMap(([name, value]) => [
      '--build-arg',
      value !== undefined && OWN.test(name) ? `${name}=${value}` : name,
    ]),
    env: Object.fromEntries(
      pairs.flatMap(([name, value]) => (value === undefined || OWN.test(name) ? [] : [[name, value] as const])),
    ),
  }
}

async function push(tool: Tool, ref: string, { folder, onLine, signal }: Doing): Promise<string | undefined> {
  const file = join(folder, 'digest')
  const args = ['push', ...(tool.digestFile ? ['--digestfile', file] : []), ref]
  await invoke(tool, args, { code: 'E_IMAGE_PUSH', onLine, signal })
  const told = tool.digestFile ? await readText(file) : await inspectDigest(tool, ref, signal)
  return /sha256:[0-9a-f]{64}/u.exec(told)?.[0]
}

/** docker lists a digest per repository that the image was pushed to or pulled from. */
async function inspectDigest(tool: Tool, ref: string, signal: AbortSignal): Promise<string> {
  const args = ['image', 'inspect', '--format', '{{range .RepoDigests}}{{println .}}{{end}}', ref]
  const { status, stdout } = await run(tool.file, args, { signal })
  const repository = ref.slice(0, ref.lastIndexOf(':'))
  return (status === 0 ? stdout.split('\n') : []).find((line) => line.startsWith(`${repository}@`)) ?? ''
}

interface Invocation extends Pick<RunOptions, 'onLine' | 'env'> {
  readonly code: ErrorCode
  readonly signal: AbortSignal
}

async function invoke(tool: Tool, args: readonly string[], { code, onLine, env, signal }: Invocation): Promise<void> {
  const last: string[] = []
  const listen = (line: string, stream: 'stdout' | 'stderr'): void => {
    if (line.trim() !== '') last.push(line.trimEnd())
    if (last.length > LOG_LINES) last.shift()
    onLine?.(line, stream)
  }
  const result = await run(tool.file, args, { signal, onLine: listen, ...(env === undefined ? {} : { env }) })
  if (result.status === 0) return
  throw new ForgeError(code, `${tool.name} ${args[0] ?? ''} failed: ${reasonOf(last, result)}`, {
    hint: program(tool.name, code === 'E_IMAGE_PUSH' ? 'login' : 'info'),
    log: last,
  })
}

function reasonOf(last: readonly string[], { status, startError }: RunResult): string {
  const said = last.findLast((line) => /^\s*(?:error\b|failed to|denied|unauthorized)/iu.test(line)) ?? last.at(-1)
  return said?.trim().replace(/^error:\s*/iu, '') ?? startError ?? `it ended with status ${status ?? 'unknown'}`
}

async function findTool(path: string, signal: AbortSignal): Promise<Tool> {
  const why: string[] = []
  let broken: string | undefined
  for (const { name, probe, ...how } of TOOLS) {
    const file = await executable(name, path)
    if (file === undefined) {
      why.push(`${name} is not installed`)
      continue
    }
    const result = await run(file, probe, { signal })
    if (result.status === 0) return { name, file, ...how }
    broken ??= name
    const lines = result.stderr.split('\n').filter((line) => line.trim() !== '')
    why.push(`${name} does not work (${reasonOf(lines, result)})`)
  }
  throw new ForgeError('E_IMAGE_BUILDER_MISSING', `no builder of images works here: ${why.join(', ')}`, {
    hint: broken === undefined ? forge('deploy', '--skip-build') : program(broken, 'info'),
  })
}

async function executable(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    const file = join(folder, name)
    if (await isThere(file, constants.X_OK)) return file
  }
  return undefined
}

async function readText(file: string): Promise<string> {
  return (await unlessItFails(readFile(file, 'utf8'), () => '')).trim()
}
