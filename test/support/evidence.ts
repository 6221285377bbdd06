import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What an evidence folder holds, by the file's path in it. */
export async function evidenceIn(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const contents = await Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, string]> => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), await readFile(path, 'utf8')]
    }),
  )
  return Object.fromEntries(contents)
}
