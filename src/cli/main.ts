import { execute } from '@oclif/core/execute'

/** The entry of bin/forge.js; commands are found by the manifest that the build writes. */
export async function main(binUrl: string): Promise<void> {
  await execute({ dir: binUrl })
}
