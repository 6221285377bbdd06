import type { StatusVerdict } from '../domain/status/model.ts'
import type { ForgeError } from '../errors.ts'
import { hintLine, type HintPlace } from '../hint.ts'

export interface VerdictReport extends StatusVerdict {
  /** All that is wrong, where several things are. */
  readonly problems?: readonly { readonly message: string; readonly where?: string; readonly hint?: string }[]
}

/**
 * Of what ended before the first write: only the recovery of a deploy before it, a Job that does not end and leaves the environment in
 * what was to be left, or forge itself can have failed.
 */
export function verdictReport({ code, message, details, hint }: ForgeError, here: HintPlace): VerdictReport {
  const { chain = [], where = null, problems } = details
  return {
    code,
    message,
    chain,
    where,
    hint: hintLine(hint, here),
    ...(problems === undefined ? {} : { problems: shownProblems(problems, here) }),
  }
}

function shownProblems(
  problems: NonNullable<ForgeError['details']['problems']>,
  here: HintPlace,
): NonNullable<VerdictReport['problems']> {
  return problems.map(({ hint, ...rest }) => ({
    ...rest,
    ...(hint === undefined ? {} : { hint: hintLine(hint, here) }),
  }))
}
