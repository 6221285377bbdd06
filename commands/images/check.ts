import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { wireImages } from '../../src/cli/wire-images.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { checkImages, type ImagesReport, type ListedImage } from '../../src/flows/images/project-images.ts'
import { listedRows } from '../../src/flows/show.ts'

export default class CheckImages extends ForgeCommand {
  static override summary = 'Say which images of forge.yaml no registry has.'
  static override description = `With the logins of this machine, not those of the cluster's pods. A registry that does not answer is a \
warning. Exit status: 0 all are there or cannot be asked for, 3 one is missing.`
  static override examples = ['<%= config.bin %> images check --env prod']
  static override flags = { ...imagesFlags }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(CheckImages)
    const session = this.session(flags)
    const report = await checkImages(await projectFor(session), flags.only ?? [], wireImages(session))
    for (const row of listedRows(report.images as readonly ListedImage[])) this.print(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
