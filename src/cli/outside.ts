import { fileURLToPath } from 'node:url'
import { Config } from '@oclif/core/config'
import { Redactor } from '../domain/redact/redactor.ts'
import { openOutput } from './output.ts'
import { startingPlace } from './session.ts'
import { tellFailure } from './tell-failure.ts'
import { unknownCommand } from './unknown-command.ts'

/**
 * What fails where there is no command yet, or no more: one that does not exist, or cannot be loaded. What was typed may be
 * anybody's text, and passes the same gate.
 */
export async function tellOutside(error: unknown, binUrl: string): Promise<void> {
  const typed = process.argv.slice(2)
  const json = typed.includes('--json')
  const output = openOutput(new Redactor(), json, process.env['GITHUB_ACTIONS'] === 'true')
  const here = startingPlace({}, output.redactor)
  await tellFailure(await known(error, typed, binUrl), { command: '', json, here, output })
  output.close()
}

/** oclif says of a command that does not exist only that. */
async function known(error: unknown, typed: readonly string[], binUrl: string): Promise<Error> {
  if (!(error instanceof Error)) return new Error(String(error))
  if (!/^command .* not found\.?$/isu.test(error.message)) return error
  const { commands } = await Config.load(fileURLToPath(binUrl))
  const named = commands.filter(({ hidden }) => !hidden)
  return unknownCommand(
    typed,
    named.map(({ id, flags, args }) => ({ command: id.replaceAll(':', ' '), flags, takes: Object.keys(args).length })),
  )
}
