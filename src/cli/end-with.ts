import { closingRows } from '../domain/screen/closing.ts'
import { stackOf, type ForgeError } from '../errors.ts'
import type { Session } from './session.ts'

/** Sets the exit status of a command that ends with an error; the stack of a bug is told last. */
export function endWith(error: ForgeError | undefined, session: Session): void {
  if (error === undefined) return
  process.exitCode = error.exitStatus
  session.onClose(() => tellStack(error, session))
}

/** The block that every failure ends with, as it goes to stderr. */
export function failureRows(error: ForgeError, { here, output }: Pick<Session, 'here' | 'output'>): string[] {
  return closingRows(error, here, process.stderr.isTTY ? process.stderr.columns : undefined, output.shown)
}

/** Where a bug's stack is written down, or, where no file took it, the stack itself: then also with `--json`. */
export function tellStack(error: ForgeError, { output: { shown }, json }: Pick<Session, 'output' | 'json'>): void {
  const stack = stackOf(error)
  const { where } = error.details
  if (stack === undefined || (where !== undefined && json)) return
  process.stderr.write(`${shown(where === undefined ? stack : `        stack: ${where}`)}\n`)
}
