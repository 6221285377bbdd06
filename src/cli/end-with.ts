import { stackOf, type ForgeError } from '../errors.ts'
import type { Session } from './session.ts'

/** Sets the exit status of a command that ends with an error; the stack of a bug is told last. */
export function endWith(error: ForgeError | undefined, session: Session): void {
  if (error === undefined) return
  process.exitCode = error.exitStatus
  session.onClose(() => tellStack(error, session))
}

/** Where a bug's stack is written down, or, where no file took it, the stack itself: then also with `--json`. */
export function tellStack(error: ForgeError, session: Pick<Session, 'json' | 'redactor'> | undefined): void {
  const stack = stackOf(error)
  const { where } = error.details
  if (stack === undefined || (where !== undefined && session?.json === true)) return
  const text = where === undefined ? stack : `        stack: ${where}`
  process.stderr.write(`${session?.redactor.text(text) ?? text}\n`)
}
