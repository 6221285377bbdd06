import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'

/** The refusal of `forge init`: a file that a person may have written is not written over. */
export function initExists(paths: readonly [string, ...string[]]): ForgeError {
  const [first, ...others] = paths
  const verb = others.length === 0 ? 'is' : 'are'
  const message = `${[first, ...others].join(', ')} ${verb} there already, and nothing is written over`
  return new ForgeError('E_INIT_EXISTS', message, { hint: program('mv', first, `${first}.old`), where: first })
}
