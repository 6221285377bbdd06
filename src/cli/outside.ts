import { Redactor } from '../domain/redact/redactor.ts'
import { openOutput } from './output.ts'
import { startingPlace } from './session.ts'
import { tellFailure } from './tell-failure.ts'

/**
 * What fails where there is no command yet, or no more: one that does not exist, or cannot be loaded. What was typed may be
 * anybody's text, and passes the same gate.
 */
export async function tellOutside(error: unknown): Promise<void> {
  const typed = process.argv.slice(2)
  const json = typed.includes('--json')
  const output = openOutput(new Redactor(), json, process.env['GITHUB_ACTIONS'] === 'true')
  const here = startingPlace({}, output.redactor)
  await tellFailure(withSpaces(error), { command: '', json, here, output })
  output.close()
}

/** oclif puts the words of a command together with colons, which forge's are not. */
function withSpaces(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const [, command] = /^command (.*) not found$/su.exec(error.message) ?? []
  if (command === undefined) return error
  const text = `there is no command ${command.replaceAll(':', ' ')}`
  return Object.assign(new Error(text.replaceAll(/\s+/gu, ' ')), { oclif: { exit: 2 } })
}
