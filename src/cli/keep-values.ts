import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { keepValues, type KeptValues } from '../domain/manifest/keep-values.ts'

/** Rewrites stdin to stdout; `file` was written by the forge that runs helm. */
export async function keepValuesOfStdin(file: string): Promise<void> {
  const kept = JSON.parse(await readFile(file, 'utf8')) as KeptValues
  process.stdout.write(keepValues(await text(process.stdin), kept))
}
