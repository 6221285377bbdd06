import { run } from '../adapters/process.ts'

const PROGRAMS: Readonly<Record<string, string>> = { darwin: 'open', win32: 'explorer' }

/** Shows an address in the person's browser (BROWSER, else what this system opens things with). Why not, if it cannot. */
export async function browse(address: string, signal: AbortSignal): Promise<string | undefined> {
  const program = process.env['BROWSER'] ?? PROGRAMS[process.platform] ?? 'xdg-open'
  // Ctrl-C while it runs is the end of what it shows, and no news.
  const ran = await run(program, [address], { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  if (ran === undefined) return undefined
  const { status, startError } = ran
  if (startError !== undefined) return `${program} is not there`
  return status === 0 ? undefined : `${program} ended with status ${status ?? 'none'}`
}
