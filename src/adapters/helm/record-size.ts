import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { recordText, type KeptFile } from '../../domain/helm/record-text.ts'
import { chartContent } from './chart-content.ts'

const compress = promisify(gzip)

/**
 * What helm will keep of a revision, within a few per cent: base64(gzip(JSON)). Of a chart that only helm can follow its files
 * are not known, so the figure is a lower bound.
 */
export async function recordSize(
  chart: string,
  {
    values,
    manifest,
    major,
  }: { readonly values: Readonly<Record<string, unknown>>; readonly manifest: string; readonly major: number },
): Promise<number> {
  const content = (await chartContent(chart)) ?? []
  const files = content.map(({ name, data }): KeptFile => {
    return { name, text: () => data.toString('utf8'), base64: () => data.toString('base64') }
  })
  const record = recordText({ files, values, manifest, withTimes: major >= 4 })
  return Math.ceil((await compress(record, { level: 9 })).length / 3) * 4
}
