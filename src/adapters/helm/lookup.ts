import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Whether a chart may ask the cluster while it renders (helm's `lookup`): then it renders as it will be written only with a
 * cluster at hand. Packed and remote charts cannot be looked into, so they may.
 */
export async function mayLookUp(chart: string): Promise<boolean> {
  const entries = await readdir(chart, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return true
  if (entries.some(({ name }) => name.endsWith('.tgz'))) return true
  const templates = entries.filter((entry) => entry.isFile() && /(?:^|\/)templates(?:\/|$)/u.test(entry.parentPath))
  const texts = await Promise.all(
    templates.map(async ({ parentPath, name }) => await readFile(join(parentPath, name), 'utf8')),
  )
  return texts.some((text) => /\blookup\s/u.test(text))
}
