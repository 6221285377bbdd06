import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'

/** The refusal of `forge init`: a file that a person may have written is not written over. `full`: the first of them, from anywhere. */
export function initExists(paths: readonly [string, ...string[]], full: string): ForgeError {
  const [first, ...others] = paths
  const verb = others.length === 0 ? 'is' : 'are'
  const message = `${[first, ...others].join(', ')} ${verb} there already, and nothing is written over`
  return new ForgeError('E_INIT_EXISTS', message, { hint: program('mv', full, `${full}.old`), where: first })
}
