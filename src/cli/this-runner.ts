import { hostname, userInfo } from 'node:os'
import { commandOf } from '../domain/journal/command.ts'
import { ForgeError } from '../errors.ts'
import { expected } from '../expected.ts'
import type { Runner } from '../flows/phases/ports.ts'
import { program } from '../hint.ts'

/** Who runs forge, as the lease and the journal tell it to others. Throws E_USAGE for a FORGE_HOLDER that is no name. */
export function thisRunner(env: NodeJS.ProcessEnv = process.env): Runner {
  return {
    identity: namedHolder(env['FORGE_HOLDER'] ?? '') ?? `${userName()}@${hostname()}`,
    pid: process.pid,
    command: commandOf('forge', process.argv.slice(2)),
  }
}

/** What runs forge where user and host say nothing: a job, a workflow. It stands in one line of a table. */
function namedHolder(text: string): string | undefined {
  if (text === '') return undefined
  if (/^[\p{L}\p{N}](?:[\p{L}\p{N} ._:@/#-]{0,251}[\p{L}\p{N}])?$/u.test(text)) return text
  throw new ForgeError(
    'E_USAGE',
    'FORGE_HOLDER is to say who deploys: at most 253 letters, digits, blanks and . _ : @ / # -',
    { hint: program('unset', 'FORGE_HOLDER'), where: 'FORGE_HOLDER' },
  )
}

function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    expected(error)
    return process.env['USER'] ?? 'unknown'
  }
}
