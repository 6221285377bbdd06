import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { sandboxLog, sandboxName } from '../../src/cli/wire-sandbox.ts'
import { noLog, programOf, SANDBOX_PROGRAMS } from '../../src/flows/sandbox.ts'

export default class Logs extends ForgeCommand {
  static override purpose = 'watching' as const
  static override summary = "Print the log of one of a sandbox's programs."
  static override description = 'Of a sandbox that has crashed, too.'
  static override examples = [
    '<%= config.bin %> sandbox logs kube-scheduler',
    '<%= config.bin %> sandbox logs etcd --tail 20',
  ]
  static override args = {
    program: Args.string({ default: 'supervisor', description: `one of ${SANDBOX_PROGRAMS.join(', ')}` }),
  }
  static override flags = {
    ...sandboxFlags,
    tail: Flags.integer({ min: 1, default: 200, description: 'this many last lines' }),
  }

  async run(): Promise<{ readonly name: string; readonly program: string; readonly lines: readonly string[] }> {
    const { args, flags } = await this.parse(Logs)
    const name = sandboxName(flags.name, process.env)
    const program = programOf(args.program)
    const lines = await sandboxLog(name, program, flags.tail)
    if (lines === undefined) throw noLog(name, program)
    this.print(lines.join('\n'))
    return { name, program, lines }
  }
}
