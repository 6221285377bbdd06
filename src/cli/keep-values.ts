import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Unread } from '../domain/manifest/parse.ts'
import { keepValues, type KeptValues } from '../domain/manifest/keep-values.ts'

/** Rewrites stdin to stdout; `file` was written by the forge that runs helm. Throws where that might leave a value out. */
export async function keepValuesOfStdin(file: string): Promise<void> {
  const kept = JSON.parse(await readFile(file, 'utf8')) as KeptValues
  const unread = ({ template, reason }: Unread): never => {
    throw new Error(`${template || 'a document'} cannot be read: ${reason}`)
  }
  process.stdout.write(keepValues(await text(process.stdin), kept, unread))
}
