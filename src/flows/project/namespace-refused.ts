import { ForgeError } from '../../errors.ts'
import { againWithout } from '../../hint.ts'

/** `-n` in a project. */
export function namespaceRefused(): ForgeError {
  return new ForgeError(
    'E_USAGE',
    '-n is not taken here: the namespace belongs to the environment, so that a deploy cannot go to another by a slip',
    { hint: againWithout(['-n']), where: '-n' },
  )
}
