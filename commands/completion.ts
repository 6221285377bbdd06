import * as Args from '@oclif/core/args'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { completionFor, SHELLS, type CompletionReport } from '../src/flows/completion.ts'

export default class Completion extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Print what makes a shell complete commands and names.'
  static override description = `Commands, flags, environments, releases, secrets, images, codes; components and numbers of deploys as this machine saw them last \
(deploy, status, history): a shell asks no cluster. Put the line of your shell below into its start file.`
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/forge.fish',
  ]
  static override args = { shell: Args.string({ required: true, options: [...SHELLS], description: 'which shell' }) }

  async run(): Promise<CompletionReport> {
    const { args } = await this.parse(Completion)
    const report = completionFor(args.shell)
    this.print(report.script.trimEnd())
    return report
  }
}
