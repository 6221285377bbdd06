import { builderFlag } from '../../src/cli/deploy-flags.ts'
import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ImagesCommand } from '../../src/cli/images-command.ts'
import type { ImagesReport } from '../../src/flows/images/project-images.ts'

export default class BuildImages extends ImagesCommand {
  static override purpose = 'writing' as const
  static override summary = 'Build the images for this machine; push none.'
  static override description =
    'Each gets the tag of its sources, whatever a registry has. Independent images are built side by side.'
  static override examples = [
    '<%= config.bin %> images build --env prod',
    '<%= config.bin %> images build --only app --builder buildah',
  ]
  static override flags = { ...imagesFlags, builder: builderFlag }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(BuildImages)
    return await this.make(flags, 'here')
  }
}
