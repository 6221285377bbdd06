import * as Args from '@oclif/core/args'
import { duration } from '../../src/cli/duration-flag.ts'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { restartProgram, sandboxName } from '../../src/cli/wire-sandbox.ts'
import { restartableOf, RESTARTABLE_PROGRAMS } from '../../src/flows/sandbox.ts'

export default class Restart extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'Kill a program of a sandbox and start it again.'
  static override description = 'To see how a deploy bears it.'
  static override examples = [
    '<%= config.bin %> sandbox restart kube-apiserver',
    '<%= config.bin %> sandbox restart kube-apiserver --away 10s',
  ]
  static override args = {
    program: Args.string({ required: true, description: `one of ${RESTARTABLE_PROGRAMS.join(', ')}` }),
  }
  static override flags = {
    ...sandboxFlags,
    away: duration({
      description: 'how long it stays away',
      default: 0,
      example: 'sandbox restart kube-apiserver --away 10s',
    }),
  }

  async run(): Promise<{ readonly name: string; readonly program: string }> {
    const { args, flags } = await this.parse(Restart)
    const name = sandboxName(flags.name, process.env)
    const program = restartableOf(args.program)
    await restartProgram(name, { program, awaySeconds: flags.away / 1000 }, this.session({}).signal)
    this.print(`${program} of sandbox ${name} was killed and runs again.`)
    return { name, program }
  }
}
