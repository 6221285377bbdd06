import { ForgeError } from '../errors.ts'
import { shownProblems } from '../flows/deploy/report.ts'
import { forge, hintLine, type HintPlace } from '../hint.ts'

/** The `--json` document of a command that ended with an error before it had a result of its own (design.md). */
export function failureDocument(error: Error, command: string, here: HintPlace): Record<string, unknown> {
  const known = error instanceof ForgeError
  return {
    apiVersion: 'forge/v1',
    command,
    outcome: known ? outcomeOf(error) : 'failed',
    verdict: {
      code: known ? error.code : 'E_BUG',
      message: error.message,
      chain: known ? (error.details.chain ?? []) : [],
      where: known ? (error.details.where ?? null) : null,
      hint: hintLine(known ? error.hint : forge('--version'), here),
      ...(known && error.details.problems !== undefined
        ? { problems: shownProblems(error.details.problems, here) }
        : {}),
    },
  }
}

function outcomeOf(error: ForgeError): 'refused' | 'interrupted' | 'failed' {
  if (error.exitStatus === 130 || error.exitStatus === 143) return 'interrupted'
  return [2, 3, 6, 7].includes(error.exitStatus) ? 'refused' : 'failed'
}
