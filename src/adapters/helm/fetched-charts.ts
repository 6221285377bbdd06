import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { isMap, type PlainMap } from '../../domain/config/path.ts'
import { digestInIndex } from '../../domain/helm/chart-index.ts'
import { translateHelmError } from '../../domain/helm/errors.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import type { MissingChart } from '../../ports.ts'
import { unlessItFails } from '../../expected.ts'
import { inTemporaryFolder, replaceFile } from '../files/temporary.ts'
import { run } from '../process.ts'
import { cacheFolder } from '../tools/folders.ts'
import { helmEnvironment } from './environment.ts'

type Env = Readonly<Record<string, string | undefined>>
type Wanted = Pick<MissingChart, 'name' | 'version' | 'repository'>

/** By what forge calls a repository while it fetches from it. */
const REPOSITORY = 'wanted'

/** One that forge has fetched before, if it still is what came then. */
export async function fetchedChart(wanted: Wanted, env: Env): Promise<string | undefined> {
  const file = fileOf(wanted, env)
  const [archive, digest] = await Promise.all(
    [file, `${file}.sha256`].map(async (path) => await unlessItFails(readFile(path), () => undefined)),
  )
  return archive !== undefined && digest?.toString('utf8') === sha256(archive) ? file : undefined
}

/**
 * Fetches a chart into forge's cache by helm itself, with its proxies, certificates and logins, and holds it against the digest
 * that the repository's index has of it (that of an `oci://` reference helm proves). Resolves with why there is none.
 */
export async function fetchChart(
  wanted: Wanted,
  helm: string,
  { env = process.env, signal }: { readonly env?: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { name, version, repository } = wanted
  return await inTemporaryFolder('charts', async (folder) => {
    const call = async (args: readonly string[], more: Env = {}): Promise<string | undefined> => {
      const ended = await run(helm, args, { signal, env: { ...helmEnvironment(env), ...more } })
      return ended.status === 0 ? undefined : (noUpdate(ended) ?? translateHelmError(args[0] ?? '', ended).message)
    }
    const to = ['--version', version, '--destination', folder]
    if (repository.startsWith('oci://')) {
      const why = await call(['pull', `${repository.replace(/\/$/u, '')}/${name}`, ...to])
      return why ?? (await keep(wanted, { folder, env, known: undefined }))
    }
    const entry = await entryOf(repository, env)
    if (entry === undefined) return `helm knows no repository ${repository}`
    const own = { HELM_REPOSITORY_CONFIG: join(folder, 'repositories.yaml'), HELM_REPOSITORY_CACHE: folder }
    await replaceFile(own.HELM_REPOSITORY_CONFIG, JSON.stringify({ apiVersion: '', repositories: [entry] }), 0o600)
    const why = (await call(['repo', 'update'], own)) ?? (await call(['pull', `${REPOSITORY}/${name}`, ...to], own))
    if (why !== undefined) return why
    const index = await readFile(join(folder, `${REPOSITORY}-index.yaml`), 'utf8')
    return await keep(wanted, { folder, env, known: digestInIndex(index, wanted) })
  })
}

/** `helm repo update` says why on another line than that it failed. */
function noUpdate({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string | undefined {
  return /Unable to get an update from [^\n]*\n\s*(\S[^\n]*)/u.exec(`${stdout}\n${stderr}`)?.[1]?.trim()
}

async function keep(
  wanted: Wanted,
  { folder, env, known }: { readonly folder: string; readonly env: Env; readonly known: string | undefined },
): Promise<string | undefined> {
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (archive === undefined) return 'helm has fetched nothing'
  const bytes = await readFile(join(folder, archive))
  const digest = sha256(bytes)
  if (known !== undefined && known !== digest) return `what came has the digest ${digest}, and its index says ${known}`
  const file = fileOf(wanted, env)
  await mkdir(dirname(file), { recursive: true })
  await replaceFile(file, bytes)
  await replaceFile(`${file}.sha256`, digest)
  return undefined
}

function fileOf({ name, version, repository }: Wanted, env: Env): string {
  return cacheFolder(env, 'charts', sha256(repository).slice(0, 16), `${name}-${version}.tgz`)
}

/** By its address, or by the name under which helm knows it (`@name`, `alias:name`); with the login that helm has for it. */
async function entryOf(repository: string, env: Env): Promise<PlainMap | undefined> {
  const home = env['HELM_CONFIG_HOME'] ?? join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'helm')
  const file = env['HELM_REPOSITORY_CONFIG'] ?? join(home, 'repositories.yaml')
  const { value } = loadHelmYaml(await unlessItFails(readFile(file, 'utf8'), () => ''))
  const list = isMap(value) ? value['repositories'] : undefined
  const entries = (Array.isArray(list) ? (list as unknown[]) : []).filter(isMap)
  const named = /^(?:@|alias:)(.+)$/u.exec(repository)?.[1]
  const bare = (url: unknown): string => String(url).replace(/\/$/u, '')
  const found = entries.find((one) =>
    named === undefined ? bare(one['url']) === bare(repository) : one['name'] === named,
  )
  if (found !== undefined) return { ...found, name: REPOSITORY }
  return named === undefined ? { name: REPOSITORY, url: repository } : undefined
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
