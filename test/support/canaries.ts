import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** What is left of a short value in the midst of something encoded is met by chance when it is shorter. */
const SHORTEST = 7

/** A value that is nowhere by chance, with signs that each way of writing text treats differently. */
export interface Canary {
  readonly name: string
  readonly value: string
}

export function canary(name: string): Canary {
  return { name, value: `Kanari-${name}-${randomUUID().slice(0, 13)}+/"q&ü\\w=5%` }
}

/** Where which canary was found, and in which form: `stdout of plan: file as base64`. */
export function search(where: string, text: string, canaries: readonly Canary[]): string[] {
  const layers = layersOf(text)
  return canaries.flatMap(({ name, value }) =>
    formsOf(value)
      .filter(([, form]) => form.length >= SHORTEST && layers.some((layer) => layer.includes(form)))
      .map(([how]) => `${where}: ${name} as ${how}`),
  )
}

/** The same for every file of a folder, names included. Files that `skip` names hold the canary by right. */
export async function searchFolder(
  folder: string,
  canaries: readonly Canary[],
  skip: (path: string) => boolean = () => false,
): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      if (skip(path)) return []
      const content = entry.isFile() ? (await readFile(path)).toString('latin1') : ''
      const utf8 = Buffer.from(content, 'latin1').toString()
      return [...search(`name of ${path}`, entry.name, canaries), ...search(path, utf8, canaries)]
    }),
  )
  return found.flat()
}

/** Made with Node's own means, not with forge's: the two must not share a mistake. */
function formsOf(value: string): [how: string, form: string][] {
  const bytes = Buffer.from(value)
  const json = JSON.stringify(value).slice(1, -1)
  const inside = [0, 1, 2].map((shift): [string, string] => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/u, '')
    // The first and the last group share characters with what stands beside the value.
    return [`base64 at ${shift}`, encoded.slice(shift === 0 ? 0 : 4, -4)]
  })
  return [
    ['it is', value],
    ['JSON', json],
    ['JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['URL', encodeURIComponent(value)],
    ['URL in small letters', encodeURIComponent(value).replaceAll(/%../gu, (escape) => escape.toLowerCase())],
    ['hex', bytes.toString('hex')],
    ...inside,
    ...inside.map(([how, form]): [string, string] => [
      `${how} for URLs`,
      form.replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ]
}

/** The text, and what is packed in it: base64 of gzip, and of that again, as helm and the journal keep their records. */
function layersOf(text: string, depth = 0): string[] {
  if (depth === 4) return [text]
  const packed = text.match(/[A-Za-z0-9+/]{40,}={0,2}/gu) ?? []
  const inner = packed.flatMap((token) => {
    const bytes = Buffer.from(token, 'base64')
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return unzipped(bytes)
    return /^[A-Za-z0-9+/=\s]{40,}$/u.test(bytes.toString('latin1')) ? [bytes.toString('latin1')] : []
  })
  return [text, ...inner.flatMap((one) => layersOf(one, depth + 1))]
}

function unzipped(bytes: Buffer): string[] {
  try {
    return [gunzipSync(bytes).toString()]
  } catch {
    return []
  }
}
