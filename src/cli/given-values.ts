import type * as Interfaces from '@oclif/core/interfaces'
import { setTexts } from '../domain/values/settings.ts'
import type { SetTexts } from '../hint.ts'
import type { valuesFlags } from './forge-command.ts'

/** The chart values of the command line. */
export function givenValues(
  flags: Interfaces.InferredFlags<typeof valuesFlags>,
): SetTexts & { readonly values: readonly string[] } {
  return { values: flags.values ?? [], ...setTexts(flags) }
}
