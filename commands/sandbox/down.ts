import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { sandboxName, stopSandbox } from '../../src/cli/wire-sandbox.ts'

export default class Down extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'End a sandbox and remove everything in it.'
  static override description = 'Nothing is left running.'
  static override examples = ['<%= config.bin %> sandbox down', '<%= config.bin %> sandbox down --name slow']
  static override flags = sandboxFlags

  async run(): Promise<{ readonly name: string; readonly stopped: boolean }> {
    const { flags } = await this.parse(Down)
    const name = sandboxName(flags.name, process.env)
    const stopped = await stopSandbox(name, this.session({}).signal)
    this.print(stopped ? `Sandbox ${name} has ended.` : `Sandbox ${name} was not running.`)
    return { name, stopped }
  }
}
