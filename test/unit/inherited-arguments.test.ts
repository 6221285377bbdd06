import { expect, test } from '@jest/globals'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { ROOT } from '../support/forge.ts'

abstract class Several extends ForgeCommand {
  static override args = { name: Args.string() }
  static override strict = false
  static override flags = { loud: Flags.boolean() }
}

class Names extends Several {
  async run(): Promise<unknown> {
    const { argv, args, flags } = await this.parse(Names)
    return { argv, args, loud: flags.loud }
  }
}

test('a command takes the arguments of its base command, and as many as that takes', async () => {
  expect(await Names.run(['one', 'two', '--loud'], { root: ROOT })).toEqual({
    argv: ['one', 'two'],
    args: { name: 'one' },
    loud: true,
  })
})
