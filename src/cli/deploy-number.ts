import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'

/** `42` or `#42`; undefined when nothing was given. Throws E_USAGE. `command`: as it is typed, for the hint. */
export function deployNumber(text: string | undefined, command: string): number | undefined {
  if (text === undefined) return undefined
  const digits = /^#?([1-9]\d{0,8})$/u.exec(text)?.[1]
  if (digits !== undefined) return Number(digits)
  throw new ForgeError('E_USAGE', `"${text}" is not the number of a deploy; write 42 or '#42'`, {
    hint: forge(...command.split(' '), '--help'),
    where: text,
  })
}
