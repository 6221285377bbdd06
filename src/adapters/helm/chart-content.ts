import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ignoresOf, type Ignores } from '../../domain/helm/ignore.ts'
import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import { tarFiles } from './tar.ts'
import { unlessItFails } from '../../expected.ts'

const unzip = promisify(gunzip)

/** What a packed chart may unpack to, with all that is packed within: as much as helm takes (pkg/chart/loader/archive). */
const MOST = 100 * 1024 * 1024

export interface ChartFile {
  /** Below the chart's folder; of a packed chart within it: `charts/web-1.0.0.tgz/Chart.yaml`. */
  readonly name: string
  readonly data: Buffer
}

/**
 * The files of a chart as helm loads them: of a folder without what its .helmignore leaves out, links followed; of a packed
 * chart all of it; packed charts within unpacked. Undefined: it is neither, only helm can follow it. Throws E_CHART_SIZE, or
 * what else keeps it from being read. `all`: with what its .helmignore leaves out.
 */
export async function chartContent(
  chart: string,
  { all = false }: { readonly all?: boolean } = {},
): Promise<readonly ChartFile[] | undefined> {
  const found = await unlessItFails(stat(chart), () => undefined)
  if (found === undefined) return undefined
  const room = { left: MOST, chart }
  if (!found.isFile()) return await filesBelow(room, '', all ? () => false : await ignoresIn(chart))
  if (found.size > MOST) throw tooLarge(room)
  return await packedFiles(await readFile(chart), '', room)
}

/** The same, and undefined for what cannot be read: helm says what is wrong with it. Throws E_CHART_SIZE. */
export async function readableContent(chart: string): Promise<readonly ChartFile[] | undefined> {
  return await chartContent(chart).catch((error: unknown) => {
    if (error instanceof ForgeError) throw error
    return undefined
  })
}

/** What may still be unpacked, of one chart. */
interface Room {
  left: number
  readonly chart: string
}

async function ignoresIn(chart: string): Promise<Ignores> {
  return ignoresOf(await unlessItFails(readFile(join(chart, '.helmignore'), 'utf8'), () => ''))
}

async function filesBelow(room: Room, folder: string, ignores: Ignores): Promise<ChartFile[]> {
  const { chart } = room
  const names = (await readdir(join(chart, folder))).sort()
  const found = await Promise.all(
    names.map(async (one): Promise<readonly ChartFile[]> => {
      const name = folder === '' ? one : `${folder}/${one}`
      const isFolder = (await stat(join(chart, name))).isDirectory()
      if (ignores(name, isFolder)) return []
      return isFolder
        ? await filesBelow(room, name, ignores)
        : await opened(name, await readFile(join(chart, name)), room)
    }),
  )
  return found.flat()
}

/** A chart inside a chart is packed, whatever its name. */
async function opened(name: string, data: Buffer, room: Room): Promise<readonly ChartFile[]> {
  const isChart = /(?:^|\/)charts\/[^/]+$/u.test(name) && data[0] === 0x1f && data[1] === 0x8b
  return isChart ? await packedFiles(data, `${name}/`, room) : [{ name, data }]
}

/** All names in the archive begin with the chart's own. */
async function packedFiles(packed: Buffer, below: string, room: Room): Promise<readonly ChartFile[]> {
  const found: ChartFile[] = []
  for (const { name, content } of tarFiles(await unzipped(packed, room))) {
    const path = name.replaceAll('\\', '/').split('/').slice(1).join('/')
    // One after the other: each leaves the next what it did not need.
    found.push(...(await opened(`${below}${path}`, content, room)))
  }
  return found
}

async function unzipped(packed: Buffer, room: Room): Promise<Buffer> {
  try {
    const archive = await unzip(packed, { maxOutputLength: Math.max(1, room.left) })
    room.left -= archive.length
    if (room.left < 0) throw tooLarge(room)
    return archive
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(room) : error
  }
}

function tooLarge({ chart }: Room): ForgeError {
  return new ForgeError('E_CHART_SIZE', `${chart} unpacks to more than ${MOST / 1024 / 1024} MiB`, {
    hint: program('ls', '-l', chart),
    where: chart,
  })
}
