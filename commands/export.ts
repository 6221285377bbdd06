import * as Flags from '@oclif/core/flags'
import { closeExport } from '../src/cli/close-export.ts'
import { EXPORT_TARGETS, exportRequest } from '../src/cli/export-flags.ts'
import { ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { namedImages } from '../src/cli/given-images.ts'
import { givenValues } from '../src/cli/given-values.ts'
import { projectPorts } from '../src/cli/wire.ts'
import { wireExport } from '../src/cli/wire-export.ts'
import { imageFlags } from '../src/cli/deploy-flags.ts'
import { exportProject, type ExportReport } from '../src/flows/export/export.ts'
import { loadProject } from '../src/flows/project/load.ts'

const OF_SOURCE = 'WHERE THE CONTROLLER FINDS THE CHARTS'

export default class Export extends ForgeCommand {
  static override group = 'deploy' as const
  static override summary = 'Write what Flux, Argo CD or Kustomize needs to deploy it.'
  static override description =
    'A HelmRelease or Application for each release with all its values, or its manifests; Secrets as SOPS or ExternalSecret, never \
in the clear. Asks no cluster. Files are the same where nothing changed; those of an earlier export that are not needed go.'
  static override examples = [
    '<%= config.bin %> export --to flux --out clusters/prod --secrets sops:age1…',
    '<%= config.bin %> export --to kustomize --out manifests --secrets none',
    '<%= config.bin %> export --to flux --out clusters/prod --check',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    image: imageFlags.image,
    to: Flags.option({ options: EXPORT_TARGETS, required: true, description: 'who deploys it' })(),
    out: Flags.string({ helpValue: 'DIR', required: true, description: 'folder to write into' }),
    secrets: Flags.string({
      helpValue: 'HOW',
      description: 'sops:RECIPIENT (age1…), external:KIND/NAME of a store of External Secrets, or none',
    }),
    check: Flags.boolean({ description: 'write nothing; exit with 10 where files would change' }),
    source: Flags.string({
      ...{ helpValue: 'NAME[.NAMESPACE]', helpGroup: OF_SOURCE },
      description: "Flux: GitRepository of this repository (default: flux-system, flux's own)",
    }),
    repo: Flags.string({
      ...{ helpValue: 'URL', helpGroup: OF_SOURCE },
      description: 'Argo CD: address of this repository (default: its remote origin)',
    }),
    revision: Flags.string({
      ...{ helpValue: 'REF', helpGroup: OF_SOURCE },
      description: 'Argo CD: branch, tag or commit of it (default: HEAD)',
    }),
  }

  async run(): Promise<ExportReport> {
    const { flags } = await this.parse(Export)
    const session = this.session(flags)
    const request = exportRequest(flags)
    const project = await loadProject(projectPorts(session), {
      dir: session.dirGiven ? session.dir : undefined,
      env: session.env,
      ...givenValues(flags),
      images: namedImages(flags),
    })
    const report = await exportProject(project, request, await wireExport(session, flags.out))
    return closeExport(report, { check: flags.check, out: flags.out }, session, (row) => this.printRow(row))
  }
}
