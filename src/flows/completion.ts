import { completionScript, SHELLS, type Shell } from '../screen/completion.ts'

export { SHELLS }

export interface CompletionReport {
  readonly shell: Shell
  readonly script: string
}

/** `shell`: one of `SHELLS`, as oclif has checked. */
export function completionFor(shell: string): CompletionReport {
  const known = SHELLS.find((one) => one === shell) ?? SHELLS[0]
  return { shell: known, script: completionScript(known) }
}
