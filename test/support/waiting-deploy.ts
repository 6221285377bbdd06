import { startForge } from './forge.ts'
import { testSandbox } from './sandbox.ts'
import { SLOW } from './tiny.ts'

export interface Waiting {
  readonly run: ReturnType<typeof startForge>
}

/** A deploy of the tiny project that has written, and waits for pods that take five minutes. */
export async function deployThatWaits(
  dir: string,
  { more = [], env = {} }: { readonly more?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Waiting> {
  const { name } = await testSandbox()
  const args = ['deploy', '-e', 'sandbox', '-C', dir, ...SLOW, ...more]
  const run = startForge(args, { env: { FORGE_SANDBOX: name, ...env } })
  await told(run, '7/7 web')
  return { run }
}

/** Resolves when the run has said this on stderr. */
export async function told(run: ReturnType<typeof startForge>, text: string): Promise<void> {
  let seen = ''
  await new Promise<void>((resolve, ended) => {
    run.stderr.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen.includes(text)) resolve()
    })
    run.stderr.on('end', () => ended(new Error(`the run ended before it said ${JSON.stringify(text)}:\n${seen}`)))
  })
}
