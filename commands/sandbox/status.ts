import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { sandboxName, sandboxState } from '../../src/cli/wire-sandbox.ts'
import { statusRows, type SandboxState } from '../../src/flows/sandbox.ts'

export default class Status extends ForgeCommand {
  static override summary = 'Say whether a sandbox runs, or why it crashed.'
  static override description = 'Exit status: 0 it runs, 8 it does not.'
  static override examples = ['<%= config.bin %> sandbox status', '<%= config.bin %> sandbox status --json']
  static override flags = sandboxFlags

  async run(): Promise<SandboxState> {
    const { flags } = await this.parse(Status)
    const state = await sandboxState(sandboxName(flags.name, process.env))
    for (const row of statusRows(state)) this.printRow(row)
    return state
  }
}
