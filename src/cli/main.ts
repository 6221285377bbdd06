import { flush } from '@oclif/core/flush'
import { handle } from '@oclif/core/handle'
import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import { unlessItFails } from '../expected.ts'

/** The entry of bin/forge.js; commands are found by the manifest that the build writes. */
export async function main(binUrl: string): Promise<void> {
  // Pipelines set NODE_ENV to `test` or `development`; oclif then looks for the sources of forge, and warns that it cannot compile them.
  settings.enableAutoTranspile = false
  // Under a user id without an entry in /etc/passwd, as containers have it, oclif asks the system in vain for a shell it has no use for.
  process.env['SHELL'] ??= '/bin/sh'
  await run(asKnown(process.argv.slice(2)), binUrl)
    // What cannot be written was told when it was tried.
    .then(async () => await unlessItFails(flush(), () => undefined))
    .catch(teller(binUrl))
}

/** `forge help deploy` is `forge deploy --help`; `help` is no flag, which a value may be called, too. */
function asKnown(typed: readonly string[]): string[] {
  return typed[0] === 'help' ? [...typed.slice(1), '--help'] : [...typed]
}

function teller(binUrl: string) {
  return async (error: Error & { readonly code?: string }): Promise<void> => {
    // `exit(n)` and `--help` travel as errors too, and were told.
    if (error.code === 'EEXIT') return await handle(error)
    const { tellOutside } = await import('./outside.ts')
    await tellOutside(error, binUrl)
  }
}
