import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ImagesCommand } from '../../src/cli/images-command.ts'
import { listImages, type ImagesReport } from '../../src/flows/images/project-images.ts'

export default class ListImages extends ImagesCommand {
  static override summary = "Show each image's reference, and whether it is pushed."
  static override description =
    'The tag of an image that forge builds is a digest of its sources. Nothing is built, and no cluster is asked.'
  static override examples = [
    '<%= config.bin %> images list --env prod',
    '<%= config.bin %> images list --env prod --only app --json',
  ]
  static override flags = { ...imagesFlags }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(ListImages)
    return await this.look(flags, listImages)
  }
}
