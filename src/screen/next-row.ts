import { hintLine, type Hint, type HintPlace } from '../hint.ts'

/** The command that comes next, as in the rows of a failure. */
export function nextRow(hint: Hint, here: HintPlace): string {
  return `next    ${hintLine(hint, here)}`
}
