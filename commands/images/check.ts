import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ImagesCommand } from '../../src/cli/images-command.ts'
import { checkImages, type ImagesReport } from '../../src/flows/images/project-images.ts'

export default class CheckImages extends ImagesCommand {
  static override summary = 'Say which images no registry has.'
  static override description = `With the logins of this machine, not those of the cluster's pods. A registry that does not answer is a \
warning. Exit status: 0 all are there or cannot be asked for, 3 one is missing.`
  static override examples = ['<%= config.bin %> images check --env prod']
  static override flags = { ...imagesFlags }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(CheckImages)
    return await this.look(flags, checkImages)
  }
}
