import * as Flags from '@oclif/core/flags'
import { closeFromRelease, closeInit } from '../src/cli/close-init.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { absolute, wireFromRelease, wireInit } from '../src/cli/wire-init.ts'
import { initFromRelease } from '../src/flows/init/from-release.ts'
import { init } from '../src/flows/init/init.ts'

const OF_RELEASE = 'A RELEASE THAT RUNS'

export default class Init extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Write a forge.yaml, and a chart where there is none.'
  static override description =
    "From Helm charts, a compose file, Dockerfiles or a kustomization; in an empty folder, a small example. On a terminal it asks \
up to four questions. A file that is there is never written over: then nothing is written (exit status 3). --from-release makes it \
of a release that runs: its chart and values out of helm's record, so that the first deploy changes nothing."
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --yes && <%= config.bin %> deploy',
    '<%= config.bin %> init --image-ref ghcr.io/acme/shop:1.4.2 --port 8000',
    '<%= config.bin %> init --from-release shop -n shop-prod --context prod-eu',
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
    'from-release': Flags.string({
      ...{ helpValue: 'NAME', exclusive: ['image-ref'], helpGroup: OF_RELEASE },
      description: 'a release of helm that runs, whatever is in the folder',
    }),
    namespace: Flags.string({
      ...{ char: 'n', helpValue: 'NAME', dependsOn: ['from-release'], helpGroup: OF_RELEASE },
      description: "its namespace (default: the context's)",
    }),
    chart: Flags.string({
      ...{ helpValue: 'PATH', dependsOn: ['from-release'], helpGroup: OF_RELEASE },
      description: "its chart, where helm's record has not all of it",
    }),
    context: Flags.string({
      ...{ helpValue: 'NAME', dependsOn: ['from-release'], helpGroup: OF_RELEASE },
      description: 'context of the kubeconfig (default: the current one)',
    }),
    kubeconfig: Flags.string({
      ...{ helpValue: 'FILE', dependsOn: ['from-release'], helpGroup: OF_RELEASE },
      description: 'kubeconfig to use',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Init)
    const { namespace, chart, 'from-release': release, ...rest } = flags
    const session = this.session(rest)
    const print = (row: string): void => this.printRow(row)
    if (release !== undefined) {
      const made = await initFromRelease(wireFromRelease(session, flags.yes), {
        ...{ release, namespace, chart: chart === undefined ? undefined : absolute(chart) },
      })
      return closeFromRelease(made, session, print)
    }
    const report = await init(wireInit(session, flags.yes), { image: flags['image-ref'], port: flags.port ?? 8080 })
    return closeInit(report, session, print)
  }
}
