import { builderFlag } from '../../src/cli/deploy-flags.ts'
import { imagesFlags } from '../../src/cli/images-flags.ts'
import { ImagesCommand } from '../../src/cli/images-command.ts'
import type { ImagesReport } from '../../src/flows/images/project-images.ts'

export default class LoadImages extends ImagesCommand {
  static override purpose = 'writing' as const
  static override summary = 'Bring the images to a cluster on this machine.'
  static override description = `For clusters of kind, k3d and minikube (by the name of the context), and for what \`cluster.load\` in forge.yaml says. Each \
node is asked: what all have is not built again, and what was loaded has to be there afterwards. A deploy does the same.`
  static override examples = [
    '<%= config.bin %> images load --env dev',
    '<%= config.bin %> images load --env dev --only app --builder buildah',
  ]
  static override flags = { ...imagesFlags, builder: builderFlag }

  async run(): Promise<ImagesReport> {
    const { flags } = await this.parse(LoadImages)
    return await this.make(flags, 'nodes')
  }
}
