import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import { keepValuesOfStdin } from '../../src/cli/keep-values.ts'

/** helm's post-renderer while a deploy preserves fields (src/adapters/helm/post-renderer.ts); nothing for people. */
export default class KeepValues extends Command {
  static override hidden = true
  static override summary = "Put kept values into the manifest on stdin: helm's post-renderer."
  static override args = { file: Args.string({ required: true }) }

  async run(): Promise<void> {
    const { args } = await this.parse(KeepValues)
    await keepValuesOfStdin(args.file)
  }
}
