import { execa } from 'execa'
import { join } from 'node:path'

export const ROOT = new URL('..', import.meta.url).pathname
export const FORGE = join(ROOT, 'bin', 'forge.js')
export const RUNS = Number(process.env['BENCH_RUNS'] ?? 3)

/** Seconds from the start of a program to its end. */
export async function timed(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const begin = performance.now()
  await execa(file, args, { env: { NO_COLOR: '1', ...env } })
  return (performance.now() - begin) / 1000
}

export async function median(measure: (run: number) => Promise<number>, runs = RUNS): Promise<number> {
  const seconds: number[] = []
  for (let run = 0; run < runs; run++) seconds.push(await measure(run))
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? 0
}
