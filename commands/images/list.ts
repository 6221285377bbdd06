import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { wireImages } from '../../src/cli/wire-images.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { listImages, type ImagesReport, type ListedImage } from '../../src/flows/images/project-images.ts'
import { listedRows } from '../../src/flows/show.ts'

export default class ListImages extends ForgeCommand {
  static override summary = 'Show the reference of each image, and whether its registry has it.'
  static override description =
    'The tag of an image that forge builds is a digest of its sources. Nothing is built, and no cluster is asked.'
  static override examples = [
    '<%= config.bin %> images list --env prod',
    '<%= config.bin %> images list --env prod --only app --json',
  ]
  static override flags = { ...imagesFlags }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(ListImages)
    const session = this.session(flags)
    const report = await listImages(await projectFor(session), flags.only ?? [], wireImages(session))
    for (const row of listedRows(report.images as readonly ListedImage[])) this.print(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
