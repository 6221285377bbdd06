import { ForgeError } from '../../errors.ts'
import type { Sealer } from '../../export-port.ts'
import { again } from '../../hint.ts'
import { run, type RunResult } from '../process.ts'
import { getting } from '../tools/getting.ts'

/** Node gives a program a socket for its standard input, which nobody can open by name; `cat` makes a pipe of it. */
const THROUGH_PIPE = ['-c', 'cat | sops "$@"', 'sh']
/** What a shell says of a program that is not there. */
const NOT_FOUND = 127

const YAML = ['--input-type', 'yaml', '--output-type', 'yaml', '/dev/stdin']

/** By sops itself. What is read and written goes through its standard streams. */
export function sopsSealer(signal: AbortSignal): Sealer {
  return {
    async seal(document, recipient) {
      const encrypted = ['--encrypt', '--age', recipient, '--encrypted-regex', '^(data|stringData)$']
      const result = await run('sh', [...THROUGH_PIPE, ...encrypted, ...YAML], { input: document, signal })
      if (result.status === 0) return result.stdout
      throw new ForgeError('E_EXPORT', `sops cannot encrypt for ${recipient}: it ${reasonOf(result)}`, {
        hint: result.status === NOT_FOUND ? getting('sops', 'E_EXPORT') : again('--secrets', 'sops:age1…'),
        where: '--secrets',
      })
    },
    async unseal(sealed) {
      const result = await run('sh', [...THROUGH_PIPE, '--decrypt', ...YAML], { input: sealed, signal })
      return result.status === 0 ? result.stdout : undefined
    },
  }
}

function reasonOf({ status, stderr }: RunResult): string {
  if (status === NOT_FOUND) return 'is not installed'
  return `says: ${stderr.trim().split('\n').at(-1) ?? ''}`
}
