import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { readableContent } from '../helm/chart-content.ts'
import { missingCharts } from '../helm/dependencies.ts'
import type { ChartFiles } from '../../domain/names/chart-files.ts'
import { unlessItFails } from '../../expected.ts'

const READ = /^(?:charts\/[^/]+\/)*(?:Chart\.yaml|values\.yaml|templates\/.+)$/u
const PACKED = /^(?:charts\/[^/]+\/)*charts\/[^/]+\.tgz$/u
const LINKED = /^(?:charts\/[^/]+\/)*charts\/[^/]+$/u

/** What forge.yaml's names are looked up in; undefined when the chart is neither a folder nor packed. */
export async function readChartFiles(chart: string): Promise<ChartFiles | undefined> {
  const entries = await unlessItFails(readdir(chart, { recursive: true, withFileTypes: true }), () => undefined)
  if (entries === undefined) return await readPacked(chart)
  const pathOf = ({ parentPath, name }: (typeof entries)[number]): string => relative(chart, join(parentPath, name))
  const paths = entries.filter((entry) => !entry.isDirectory()).map(pathOf)
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(pathOf)
  const texts = await Promise.all(
    paths
      .filter((path) => READ.test(path))
      .map(async (path): Promise<[string, string]> => [path, await readFile(join(chart, path), 'utf8')]),
  )
  const missing = (await missingCharts(chart)).map(({ name }) => `charts/${name}`)
  return {
    texts: new Map(texts),
    packed: [...missing, ...paths.filter((path) => PACKED.test(path)), ...links.filter((path) => LINKED.test(path))],
  }
}

async function readPacked(chart: string): Promise<ChartFiles | undefined> {
  const files = await readableContent(chart)
  if (files === undefined) return undefined
  const within = files.map(({ name }) => /^.*?(?:^|\/)charts\/[^/]+\.tgz(?=\/)/u.exec(name)?.[0])
  return {
    texts: new Map(
      files
        .filter(({ name }, at) => within[at] === undefined && READ.test(name))
        .map(({ name, data }) => [name, data.toString('utf8')]),
    ),
    packed: [...new Set(within.filter((one) => one !== undefined))],
  }
}
