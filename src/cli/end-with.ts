import { homedir } from 'node:os'
import { systemClock } from '../adapters/clock.ts'
import { evidenceFolders, stateHome } from '../adapters/evidence/folders.ts'
import { closingRows } from '../domain/screen/closing.ts'
import { stackOf, type ForgeError } from '../errors.ts'
import { isBug, writeStack } from '../flows/restore/stack.ts'
import type { Session } from './session.ts'

/** Sets the exit status of a command that ends with an error; the stack of a bug is told last. */
export function endWith(error: ForgeError | undefined, session: Session): void {
  if (error === undefined) return
  process.exitCode = error.exitStatus
  session.onClose(async () => tellStack(await withOwnStack(error, session), session))
}

/** The block that every failure ends with, as it goes to stderr. */
export function failureRows(error: ForgeError, { here, output }: Pick<Session, 'here' | 'output'>): string[] {
  return closingRows(error, here, process.stderr.isTTY ? process.stderr.columns : undefined, output.shown)
}

/** A bug whose stack no flow has written down: it goes below the state folder, as that of a deploy does. */
export async function withOwnStack(
  error: ForgeError,
  { here, output: { redactor } }: Pick<Session, 'here' | 'output'>,
): Promise<ForgeError> {
  if (!isBug(error) || error.details.where !== undefined) return error
  const folders = evidenceFolders(stateHome(process.env, homedir()))
  const place = { project: 'bugs', environment: here.typed[0] ?? 'forge', deploy: process.pid }
  const file = await writeStack(error, 'stack.txt', async () => await folders.open(place), {
    clock: systemClock,
    redactor,
  })
  return file === undefined ? error : error.with({ where: file })
}

/** Where a bug's stack is written down, or, where no file took it, the stack itself: then also with `--json`. */
export function tellStack(error: ForgeError, { output: { shown }, json }: Pick<Session, 'output' | 'json'>): void {
  const stack = stackOf(error)
  const { where } = error.details
  if (stack === undefined || (where !== undefined && json)) return
  process.stderr.write(`${shown(where === undefined ? stack : `        stack: ${where}`)}\n`)
}
