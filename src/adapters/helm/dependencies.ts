import { copyFile, cp, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, relative, resolve } from 'node:path'
import { identityOf, localPath, meets, missingDependencies, type Dependency } from '../../domain/helm/dependencies.ts'
import { ignoresOf } from '../../domain/helm/ignore.ts'
import type { MissingChart } from '../../ports.ts'
import { temporaryFolder } from '../files/temporary.ts'
import { chartContent, readableContent } from './chart-content.ts'
import { fetchedChart, sha256 } from './fetched-charts.ts'
import { unlessItFails } from '../../expected.ts'

/**
 * Charts that a chart names and does not have in charts/; `from`: where this machine has them. Nothing of a chart that only helm
 * can follow.
 */
export async function missingCharts(
  chart: string,
  { withCache = true }: { readonly withCache?: boolean } = {},
): Promise<readonly MissingChart[]> {
  if (await looksComplete(chart)) return []
  const files = await readableContent(chart)
  const missing = missingDependencies(
    (files ?? []).map(({ name, data }) => ({ name, text: () => data.toString('utf8') })),
  )
  if (missing.length === 0) return []
  // What is packed cannot be completed.
  const isFolder = (await stat(chart)).isDirectory()
  return await Promise.all(
    missing.map(async ({ lock, ...one }) => {
      const isStale = lock !== undefined && lock.digest !== `sha256:${sha256(lock.of)}`
      const cached = async (): Promise<string | undefined> =>
        withCache ? await cachedChart(one, process.env) : undefined
      const from = isFolder ? ((await localChart(chart, one)) ?? (await cached())) : undefined
      return { ...one, isStale, ...(from === undefined ? {} : { from }) }
    }),
  )
}

/** By the names of its files: most charts need no more. */
async function looksComplete(chart: string): Promise<boolean> {
  const texts = ['Chart.yaml', 'requirements.yaml'].map(
    async (name) => await unlessItFails(readFile(join(chart, name), 'utf8'), () => ''),
  )
  const files = (await Promise.all(texts)).map((text, at) => {
    return { name: at === 0 ? 'Chart.yaml' : 'requirements.yaml', text: () => text }
  })
  const inside = await unlessItFails(readdir(join(chart, 'charts')), () => [])
  const isFolder = files[0]?.text() !== ''
  return isFolder && missingDependencies(files).every(({ name }) => inside.some((one) => isNamed(one, name)))
}

function isNamed(file: string, chart: string): boolean {
  return file === chart || (file.startsWith(`${chart}-`) && /^\d.*\.tgz$/u.test(file.slice(chart.length + 1)))
}

/** The chart itself, or a complete copy of it in a temporary folder, which goes with forge; the user's own tree is not touched. */
export async function completeChart(chart: string): Promise<string> {
  const missing = await missingCharts(chart)
  if (missing.length === 0 || missing.some(({ from }) => from === undefined)) return chart
  const copy = join(await temporaryFolder('chart'), basename(chart))
  await copyChart(chart, copy)
  await mkdir(join(copy, 'charts'), { recursive: true })
  for (const { name, from = '' } of missing) {
    if ((await stat(from)).isDirectory()) await copyChart(from, join(copy, 'charts', name))
    else await copyFile(from, join(copy, 'charts', `${name}.tgz`))
  }
  return copy
}

/** Without what its .helmignore leaves out, as when it is packed. */
async function copyChart(from: string, to: string): Promise<void> {
  const ignores = ignoresOf(await unlessItFails(readFile(join(from, '.helmignore'), 'utf8'), () => ''))
  const filter = async (path: string): Promise<boolean> => {
    const name = relative(from, path)
    return name === '' || !ignores(name, (await stat(path)).isDirectory())
  }
  await cp(from, to, { recursive: true, dereference: true, filter })
}

async function localChart(chart: string, dependency: Dependency): Promise<string | undefined> {
  const path = localPath(dependency.repository)
  return path === undefined ? undefined : await ifSame(resolve(chart, path), dependency)
}

type Env = Readonly<Record<string, string | undefined>>

/** What helm has fetched before: helm 3 by name and version, helm 4 by content (pkg/downloader, DiskCache). */
async function cachedChart(dependency: Dependency, env: Env): Promise<string | undefined> {
  if (/^file:/u.test(dependency.repository)) return undefined
  const own = await fetchedChart(dependency, env)
  if (own !== undefined) return own
  const cache = env['HELM_CACHE_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'helm')
  const repository = env['HELM_REPOSITORY_CACHE'] ?? join(cache, 'repository')
  const named = join(repository, `${dependency.name}-${dependency.version}.tgz`)
  const content = env['HELM_CONTENT_CACHE'] ?? join(cache, 'content')
  const entries = await unlessItFails(readdir(content, { recursive: true }), () => [])
  const packed = entries.filter((name) => name.endsWith('.chart')).map((name) => join(content, name))
  for (const path of [named, ...packed]) {
    const found = await ifSame(path, dependency)
    if (found !== undefined) return found
  }
  return undefined
}

/** It is what is wanted: of that name, and of a version that will do. */
async function ifSame(path: string, { name, version }: Dependency): Promise<string | undefined> {
  const files = await unlessItFails(chartContent(path), () => undefined)
  const text = files?.find((one) => one.name === 'Chart.yaml')?.data.toString('utf8')
  const found = text === undefined ? undefined : identityOf(text)
  return found?.name === name && meets(found.version, version) ? path : undefined
}
