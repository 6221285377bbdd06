import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)

/**
 * About what helm will keep of a revision: base64(gzip(JSON of chart, values and manifest)). A chart that is not a local
 * folder counts with its manifest and values alone, so the figure is a lower bound for it.
 */
export async function recordSize(chart: string, values: unknown, manifest: string): Promise<number> {
  const files = await chartFiles(chart)
  const record = JSON.stringify({ chart: { files }, config: values, manifest })
  return Math.ceil(((await compress(record, { level: 9 })).length * 4) / 3)
}

async function chartFiles(chart: string): Promise<{ name: string; data: string }[]> {
  const entries = await readdir(chart, { recursive: true, withFileTypes: true }).catch(() => [])
  const kept = entries.filter(
    (entry) =>
      entry.isFile() &&
      !/(?:^|\/)(?:ci|README\.md|\.git)(?:\/|$)/u.test(join(entry.parentPath, entry.name).slice(chart.length)),
  )
  return await Promise.all(
    kept.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return { name: path.slice(chart.length + 1), data: (await readFile(path)).toString('base64') }
    }),
  )
}
