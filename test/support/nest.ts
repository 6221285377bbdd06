import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { search, searchFolder, type Canary } from './canaries.ts'
import { kubectl, type LiveObject } from './cluster.ts'
import { watchDescendants } from './descendants.ts'
import { startForge, type Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import type { TestProject } from './project.ts'

/** Where canaries live: a project whose every run is watched. */
export interface Nest {
  readonly project: TestProject
  /** Folder of forge's state, caches and temporary files. */
  readonly home: string
  /** All that was found so far. */
  readonly found: string[]
  /** Runs forge at its most verbose, and searches all that it says and starts. `status`: how it must end. */
  readonly run: (
    args: readonly string[],
    status?: number,
    env?: Readonly<Record<string, string | undefined>>,
  ) => Promise<Ran>
  /** All that was found so far, and what the files hold that forge has written. `sources`: those of the project that hold a canary by right. */
  readonly everywhere: (sources: readonly string[]) => Promise<string[]>
}

export interface NestRequest {
  readonly project: TestProject
  /** What must not be found anywhere. */
  readonly canaries: readonly Canary[]
  /** What forge's environment needs for its sources: those alone may have it too. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** How the command lines of programs begin that are sources themselves. */
  readonly sources: readonly string[]
  /** After which a run is stopped. */
  readonly longestMs?: number
}

const LONGEST_MS = 45_000

/** Most of what is said at its most verbose is the libraries' own, and why it ended stands at the end. */
const lastWords = (stderr: string): string => stderr.split('\n').slice(-30).join('\n')

export async function nestOf({
  project,
  canaries,
  env: given,
  sources,
  longestMs = LONGEST_MS,
}: NestRequest): Promise<Nest> {
  const home = await mkdtemp(join(tmpdir(), 'forge-canary-home-'))
  const folders = Object.fromEntries(
    await Promise.all(
      ['XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'TMPDIR'].map(async (name) => {
        await mkdir(join(home, name))
        return [name, join(home, name)] as const
      }),
    ),
  )
  // With a cache of its own forge would build a helm first, for minutes.
  const helm = { FORGE_HELM: await helmOf(4) }
  const verbose = { DEBUG: '*', NODE_DEBUG: 'execa', FORGE_DEBUG: '1' }
  const found: string[] = []
  const run: Nest['run'] = async (args, status, env = {}) => {
    const all = { ...given, ...folders, ...helm, ...verbose, ...env }
    const child = startForge([...args, '-C', project.dir], { env: all })
    const watched = watchDescendants(child.pid ?? 0)
    // What follows something goes on until it is stopped.
    let stopped = ''
    const limit = setTimeout(() => {
      stopped = `(stopped after ${longestMs} ms) `
      child.kill('SIGINT')
    }, longestMs)
    const { exitCode, stdout, stderr } = await child
    clearTimeout(limit)
    const name = args.join(' ').slice(0, 60)
    for (const { args: line, env: environment } of watched.stop()) {
      found.push(...search(`arguments of ${line.slice(0, 40)} in ${name}`, line, canaries))
      // A source's own program may need what forge was given.
      if (!sources.some((own) => line.startsWith(own)))
        found.push(...search(`environment of ${line.slice(0, 40)} in ${name}`, environment, canaries))
    }
    found.push(...search(`stdout of ${name}`, stdout, canaries), ...search(`stderr of ${name}`, stderr, canaries))
    expect({
      command: name,
      status: exitCode,
      said: status === undefined || status === exitCode ? '' : `${stopped}${lastWords(stderr)}${stdout}`,
    }).toEqual({ command: name, status: status ?? exitCode, said: '' })
    return { status: exitCode, stdout, stderr }
  }
  const everywhere: Nest['everywhere'] = async (own) => {
    const isSource = (path: string): boolean => own.some((name) => path === join(project.dir, name))
    const files = [await searchFolder(home, canaries), await searchFolder(project.dir, canaries, isSource)]
    return [...found, ...files.flat()]
  }
  return { project, home, found, run, everywhere }
}

/** Makes a Secret as somebody else. */
export async function applySecret(namespace: string, name: string, stringData: Record<string, string>): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }
  await kubectl(['apply', '--server-side', '--field-manager=somebody', '-f', '-'], JSON.stringify(secret))
}

const KINDS = 'all,configmaps,secrets,leases,events,endpointslices,controllerrevisions,persistentvolumeclaims'

/** Everything of the namespace but the Secrets that hold the values (`holders`), and their revisions: `held` must be there. */
export async function searchNamespace(
  namespace: string,
  {
    holders: names,
    held,
    canaries,
  }: { holders: readonly string[]; held: readonly Canary[]; canaries: readonly Canary[] },
): Promise<string[]> {
  const text = await kubectl(['get', KINDS, '-n', namespace, '-o', 'json', '--show-managed-fields'])
  const { items } = JSON.parse(text) as { items: LiveObject[] }
  const holders = items.filter(
    ({ kind, metadata, type }) =>
      kind === 'Secret' && (names.includes(metadata.name) || type === 'forge.api-forge.io/secret-revision'),
  )
  const inHolders = holders.flatMap((one) => search('', JSON.stringify(one), held))
  const isHeld = ({ name }: Canary): boolean => inHolders.some((found) => found.startsWith(`: ${name} as`))
  expect({ notInItsSecret: held.filter((one) => !isHeld(one)) }).toEqual({ notInItsSecret: [] })
  const others = items.filter((one) => !holders.includes(one))
  return others.flatMap((one) => search(`${one.kind}/${one.metadata.name}`, JSON.stringify(one), canaries))
}
