import { Flags } from '@oclif/core'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectPorts } from '../../src/cli/wire.ts'
import { wireGenerate } from '../../src/cli/wire-project.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { generateRows } from '../../src/flows/project/show.ts'
import { generateSecrets, type GenerateReport } from '../../src/flows/secrets-generate.ts'

export default class GenerateSecrets extends ForgeCommand {
  static override summary = 'Make the passwords, keys and certificates that forge.yaml names and that are missing.'
  static override description =
    'Existing files stay as they are; run it as often as you like. New files are readable by you only.'
  static override examples = [
    '<%= config.bin %> secrets generate --env sandbox',
    '<%= config.bin %> secrets generate --env prod --only redis-secrets',
  ]
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    only: Flags.string({ multiple: true, helpValue: 'NAME', description: 'this secret only' }),
    force: Flags.string({
      multiple: true,
      helpValue: 'NAME',
      description: 'make the files of this secret anew; the old ones are kept beside them',
    }),
    'ask-cluster': Flags.boolean({
      allowNo: true,
      description: 'make no value for a key that the cluster already holds (default, except for the sandbox)',
    }),
  }

  async run(): Promise<GenerateReport> {
    const { flags } = await this.parse(GenerateSecrets)
    const session = this.session(flags)
    const dir = session.dirGiven ? session.dir : undefined
    const project = await loadProject(projectPorts(session), { dir, env: session.env })
    const ports = await wireGenerate(project, session, flags['ask-cluster'])
    const report = await generateSecrets(project, ports, session.redactor, {
      only: flags.only ?? [],
      force: flags.force ?? [],
    })
    for (const row of generateRows(report)) this.print(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
