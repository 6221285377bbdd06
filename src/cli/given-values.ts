import { choiceOf, type Choice } from '../domain/config/select.ts'
import { setTexts } from '../domain/values/settings.ts'
import type { SetTexts } from '../hint.ts'

type Given = SetTexts & Choice & { readonly values: readonly string[] }

/** The chart values of the command line, or of a saved plan, and the releases that they are for. */
export function givenValues(flags: { readonly [name in keyof Given]?: Given[name] | undefined }): Given {
  return { values: flags.values ?? [], ...setTexts(flags), ...choiceOf(flags) }
}
