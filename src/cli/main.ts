import { flush } from '@oclif/core/flush'
import { handle } from '@oclif/core/handle'
import { run } from '@oclif/core/run'

/** The entry of bin/forge.js; commands are found by the manifest that the build writes. */
export async function main(binUrl: string): Promise<void> {
  await run(process.argv.slice(2), binUrl)
    .then(async () => await flush())
    .catch(tell)
}

async function tell(error: Error & { readonly code?: string }): Promise<void> {
  // `exit(n)` and `--help` travel as errors too, and were told.
  if (error.code === 'EEXIT') return await handle(error)
  const { tellOutside } = await import('./outside.ts')
  await tellOutside(error)
}
