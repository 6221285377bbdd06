import * as Flags from '@oclif/core/flags'
import { closeInit } from '../src/cli/close-init.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { wireInit } from '../src/cli/wire-init.ts'
import { init } from '../src/flows/init/init.ts'

export default class Init extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Write a forge.yaml, and a chart where there is none.'
  static override description =
    'From Helm charts, a compose file, Dockerfiles or a kustomization; in an empty folder, a small example. On a terminal it asks \
up to four questions. A file that is there is never written over: then nothing is written (exit status 3).'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --yes && <%= config.bin %> deploy',
    '<%= config.bin %> init --image-ref ghcr.io/acme/shop:1.4.2 --port 8000',
  ]
  static override flags = {
    dir: Flags.string({
      ...{ char: 'C', helpValue: 'DIR', helpGroup: 'PROJECT' },
      description: 'folder to look at and to write into (default: here)',
    }),
    yes: Flags.boolean({
      char: 'y',
      description: 'ask nothing: the first of each choice, and the names of the folder',
    }),
    'image-ref': Flags.string({
      helpValue: 'REF',
      description: 'write a chart for this image, whatever is in the folder',
    }),
    port: Flags.integer({
      ...{ min: 1, max: 65_535, helpValue: 'PORT', dependsOn: ['image-ref'] },
      description: 'port that the image listens on (default: 8080)',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Init)
    const session = this.session(flags)
    const report = await init(wireInit(session, flags.yes), { image: flags['image-ref'], port: flags.port ?? 8080 })
    return closeInit(report, session, (row) => this.print(row))
  }
}
