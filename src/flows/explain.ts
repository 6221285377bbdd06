import { closest } from 'fastest-levenshtein'
import { describeCode, ERROR_CODES, ForgeError } from '../errors.ts'

export interface Explanation {
  readonly code: string
  readonly exitStatus: number
  readonly about: string
}

/** Throws E_USAGE for a code that forge does not have, with the nearest one as the hint. */
export function explain(code: string): Explanation {
  const known = describeCode(code.toUpperCase())
  if (known !== undefined) return { code: code.toUpperCase(), exitStatus: known.exit, about: known.about }
  throw new ForgeError('E_USAGE', `forge has no error code ${code}`, {
    hint: `forge explain ${closest(code.toUpperCase(), ERROR_CODES)}`,
    where: 'command line',
  })
}
