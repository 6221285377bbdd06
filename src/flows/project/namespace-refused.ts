import { ForgeError } from '../../errors.ts'

/** `-n` in a project. `command` as it is typed: `secrets apply`. */
export function namespaceRefused(command: string): ForgeError {
  return new ForgeError(
    'E_USAGE',
    '-n is not taken here: the namespace belongs to the environment, so that a deploy cannot go to another by a slip',
    { hint: `forge ${command} --env NAME`, where: '-n' },
  )
}
