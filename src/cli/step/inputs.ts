/** What a step of a pipeline asks of forge. */
export interface StepInputs {
  /** `deploy`, `secrets diff`. */
  readonly words: readonly string[]
  readonly env: string
  readonly args: readonly string[]
  readonly context: string
  /** Below the workspace. */
  readonly dir: string
}

/** Throws a RangeError where that is no command. */
export function wordsIn(command: string): string[] {
  if (!/^[a-z][a-z -]*$/u.test(command)) throw new RangeError(`"${command}" is no command of forge`)
  return command.split(/ +/u)
}

/** One a line; on one line they are parted by blanks. No shell reads them, so nothing is quoted. */
export function flagsIn(text: string): string[] {
  const lines = text.trim().split(/\r?\n/u)
  const all = lines.length > 1 ? lines : (lines[0] ?? '').split(/\s+/u)
  return all.map((one) => one.trim()).filter((one) => one !== '')
}
