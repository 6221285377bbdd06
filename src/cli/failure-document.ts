import type { ForgeError } from '../errors.ts'
import { verdictReport } from '../flows/verdict-report.ts'
import type { HintPlace } from '../hint.ts'
import type { EndOfRun } from './end-with.ts'

/** The `--json` document of a command that ended with an error before it had a result of its own (docs/design.md). */
export interface FailureDocument extends EndOfRun {
  readonly apiVersion: 'forge/v1'
  readonly command: string
}

export function failureDocument(error: ForgeError, command: string, here: HintPlace): FailureDocument {
  return { apiVersion: 'forge/v1', command, outcome: outcomeOf(error), verdict: verdictReport(error, here) }
}

function outcomeOf({ exitStatus }: ForgeError): 'refused' | 'interrupted' | 'failed' {
  if (exitStatus === 130 || exitStatus === 143) return 'interrupted'
  return [2, 3, 6, 7].includes(exitStatus) ? 'refused' : 'failed'
}
