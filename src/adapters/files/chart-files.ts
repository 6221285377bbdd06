import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { ChartFiles } from '../../domain/names/chart-files.ts'

const READ = /^(?:charts\/[^/]+\/)*(?:Chart\.yaml|values\.yaml|templates\/.+)$/u
const PACKED = /^(?:charts\/[^/]+\/)*charts\/[^/]+\.tgz$/u
const LINKED = /^(?:charts\/[^/]+\/)*charts\/[^/]+$/u

/** What forge.yaml's names are looked up in; undefined when the chart is no folder. */
export async function readChartFiles(chart: string): Promise<ChartFiles | undefined> {
  const entries = await readdir(chart, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return undefined
  const pathOf = ({ parentPath, name }: (typeof entries)[number]): string => relative(chart, join(parentPath, name))
  const paths = entries.filter((entry) => !entry.isDirectory()).map(pathOf)
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(pathOf)
  const texts = await Promise.all(
    paths
      .filter((path) => READ.test(path))
      .map(async (path): Promise<[string, string]> => [path, await readFile(join(chart, path), 'utf8')]),
  )
  return {
    texts: new Map(texts),
    packed: [...paths.filter((path) => PACKED.test(path)), ...links.filter((path) => LINKED.test(path))],
  }
}
