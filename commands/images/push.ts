import { builderFlag } from '../../src/cli/deploy-flags.ts'
import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ImagesCommand } from '../../src/cli/images-command.ts'
import type { ImagesReport } from '../../src/flows/images/project-images.ts'

export default class PushImages extends ImagesCommand {
  static override purpose = 'writing' as const
  static override summary = 'Build and push what the registries do not have yet.'
  static override description = `What a registry has is not built again. Prints NAME and REFERENCE, pinned by its digest: what a deploy of the same sources \
hands to the charts.`
  static override examples = [
    '<%= config.bin %> images push --env prod',
    '<%= config.bin %> images push --env prod --json',
  ]
  static override flags = { ...imagesFlags, builder: builderFlag }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(PushImages)
    return await this.make(flags, 'registry')
  }
}
