import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { wireSandbox } from '../../src/cli/wire-sandbox.ts'
import { sandboxBinary, type SandboxBinary } from '../../src/flows/sandbox.ts'

export default class Build extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'Get the program of the sandbox, or build it with Go.'
  static override examples = [
    '<%= config.bin %> sandbox build',
    'export FORGE_SANDBOX_BIN=$(<%= config.bin %> sandbox build)',
  ]

  async run(): Promise<SandboxBinary> {
    await this.parse(Build)
    const binary = await sandboxBinary(wireSandbox(this.session({})))
    this.print(binary.path)
    return binary
  }
}
