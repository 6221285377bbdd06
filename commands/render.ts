import * as Flags from '@oclif/core/flags'
import { ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { givenValues } from '../src/cli/given-values.ts'
import { refuseForeign } from '../src/cli/own-file.ts'
import { projectPorts } from '../src/cli/wire.ts'
import { wireRender } from '../src/cli/wire-project.ts'
import { resolveConfiguration } from '../src/flows/project/configuration.ts'
import { loadProject } from '../src/flows/project/load.ts'
import { withPlainCharts } from '../src/flows/project/plain.ts'
import { whyRows } from '../src/flows/show.ts'
import {
  imagesToBe,
  isRenderedFile,
  manifestFiles,
  quotedReleases,
  renderShown,
  whyValue,
  withheldNote,
  writeManifests,
  type ReleaseWhy,
  type ShownRelease,
} from '../src/flows/render.ts'

type RenderReport =
  { releases: readonly ShownRelease[] } | { why: readonly ReleaseWhy[] } | { files: readonly string[] }

export default class Render extends ForgeCommand {
  static override group = 'deploy' as const
  static override summary = 'Print the manifests, or say where a value comes from.'
  static override description =
    'Asks no cluster. Images that forge builds have the reference of their chart value here.'
  static override examples = [
    '<%= config.bin %> render --env prod',
    '<%= config.bin %> render --env prod --why app.image',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    out: Flags.string({ helpValue: 'DIR', description: 'write one file per object there', exclusive: ['why'] }),
    'show-secrets': Flags.boolean({ dependsOn: ['out'], description: 'with the values of Secrets that charts render' }),
    why: Flags.string({ helpValue: 'PATH', description: 'file and line that give a value, and those they overrode' }),
  }

  async run(): Promise<RenderReport> {
    const { flags } = await this.parse(Render)
    const session = this.session(flags)
    const dir = session.dirGiven ? session.dir : undefined
    const named = await loadProject(projectPorts(session), {
      dir,
      env: session.env,
      ...givenValues(flags),
    })
    const project = await withPlainCharts(named, projectPorts(session))
    const images = flags.why === undefined ? {} : imagesToBe(project)
    const configuration = await resolveConfiguration(project, projectPorts(session), { images })
    const ports = await wireRender(session)
    if (flags.why !== undefined) {
      const why = await whyValue(flags.why, project, configuration, ports)
      for (const row of whyRows(why, project)) this.printRow(row)
      return { why }
    }
    const releases = await renderShown(project, configuration, ports, flags['show-secrets'])
    const note = withheldNote(releases)
    if (note !== undefined) this.warn(note)
    if (flags.out === undefined) {
      const shown = quotedReleases(releases)
      for (const { manifest } of shown) this.print(manifest.trimEnd())
      return { releases: shown }
    }
    const files = manifestFiles(releases, flags.out, ports)
    for (const file of files.keys()) refuseOtherManifest(file, flags.out)
    await writeManifests(files, ports)
    for (const file of files.keys()) this.print(file)
    return { files: [...files.keys()] }
  }
}

/** Check everything first, then write. */
function refuseOtherManifest(file: string, folder: string): void {
  const what = 'manifest that forge rendered'
  refuseForeign(file, { flag: '--out', what, isOwn: isRenderedFile, suffix: '-rendered', folder })
}
