import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ignoresOf, type Ignores } from '../../domain/helm/ignore.ts'
import { tarFiles } from './tar.ts'

const unzip = promisify(gunzip)

/** Of one chart packed, however small it was made. */
const UNPACKED_LIMIT = 64 * 1024 * 1024

export interface ChartFile {
  /** Below the chart's folder; of a packed chart within it: `charts/web-1.0.0.tgz/Chart.yaml`. */
  readonly name: string
  readonly data: Buffer
}

/**
 * The files of a chart as helm loads them: of a folder without what its .helmignore leaves out, links followed; of a packed
 * chart all of it; packed charts within unpacked. Undefined: it is neither, only helm can follow it. Throws what keeps it
 * from being read.
 */
export async function chartContent(chart: string): Promise<readonly ChartFile[] | undefined> {
  const found = await stat(chart).catch(() => undefined)
  if (found === undefined) return undefined
  return found.isFile() ? await packedFiles(await readFile(chart), '') : await folderFiles(chart)
}

async function folderFiles(chart: string): Promise<readonly ChartFile[]> {
  const rules = await readFile(join(chart, '.helmignore'), 'utf8').catch(() => '')
  return await filesBelow(chart, '', ignoresOf(rules))
}

async function filesBelow(chart: string, folder: string, ignores: Ignores): Promise<ChartFile[]> {
  const names = (await readdir(join(chart, folder))).sort()
  const found = await Promise.all(
    names.map(async (one): Promise<readonly ChartFile[]> => {
      const name = folder === '' ? one : `${folder}/${one}`
      const isFolder = (await stat(join(chart, name))).isDirectory()
      if (ignores(name, isFolder)) return []
      return isFolder ? await filesBelow(chart, name, ignores) : await opened(name, await readFile(join(chart, name)))
    }),
  )
  return found.flat()
}

/** A chart inside a chart is packed, whatever its name. */
async function opened(name: string, data: Buffer): Promise<readonly ChartFile[]> {
  const isChart = /(?:^|\/)charts\/[^/]+$/u.test(name) && data[0] === 0x1f && data[1] === 0x8b
  return isChart ? await packedFiles(data, `${name}/`) : [{ name, data }]
}

/** All names in the archive begin with the chart's own. */
async function packedFiles(packed: Buffer, below: string): Promise<readonly ChartFile[]> {
  const archive = await unzip(packed, { maxOutputLength: UNPACKED_LIMIT })
  const files = [...tarFiles(archive)].map(({ name, content }) => {
    return { name: name.replaceAll('\\', '/').split('/').slice(1).join('/'), content }
  })
  return (await Promise.all(files.map(async ({ name, content }) => await opened(`${below}${name}`, content)))).flat()
}
