import * as Args from '@oclif/core/args'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { drawnWidth } from '../src/cli/width.ts'
import { explain, explained, listCodes, type CodeList, type Explained } from '../src/flows/explain.ts'

export default class Explain extends ForgeCommand {
  static override group = 'look' as const
  static override summary = 'Say what an error code means and what to do about it.'
  static override description =
    'What it means, why, how it reads, what to do; works offline. Without a code: all codes, each with one sentence.'
  static override examples = ['<%= config.bin %> explain E_IMAGE_PULL', '<%= config.bin %> explain']
  static override args = { code: Args.string({ description: 'a code that an error printed' }) }

  async run(): Promise<Explained | CodeList> {
    const { args } = await this.parse(Explain)
    const found = args.code === undefined ? listCodes() : explain(args.code)
    for (const row of explained(found, drawnWidth(process.stdout))) this.printRow(row)
    return found
  }
}
