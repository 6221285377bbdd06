import { Args } from '@oclif/core'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { explain, type Explanation } from '../src/flows/explain.ts'

export default class Explain extends ForgeCommand {
  static override summary = 'Say what an error code means. Works offline.'
  static override examples = ['<%= config.bin %> explain E_IMAGE_PULL']
  static override args = { code: Args.string({ required: true, description: 'a code that an error printed' }) }

  async run(): Promise<Explanation> {
    const { args } = await this.parse(Explain)
    const explanation = explain(args.code)
    this.print(`${explanation.code}  (exit status ${explanation.exitStatus})\n${explanation.about}`)
    return explanation
  }
}
