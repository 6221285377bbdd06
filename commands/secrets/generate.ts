import * as Flags from '@oclif/core/flags'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireGenerate } from '../../src/cli/wire-secrets.ts'
import { generateRows } from '../../src/flows/show.ts'
import { generateSecrets, type GenerateReport } from '../../src/flows/secrets-generate.ts'

export default class GenerateSecrets extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'Make passwords, keys and certificates that are missing.'
  static override description = `Existing files stay as they are; run it as often as you like. New files are \
readable by you only. A value that the cluster holds is never made a second \
time: it is refused, and \`forge secrets pull\` fetches it.`
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
    offline: Flags.boolean({
      description: 'do not ask the cluster what it holds: only where nothing was deployed yet',
    }),
  }

  async run(): Promise<GenerateReport> {
    const { flags } = await this.parse(GenerateSecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const ports = await wireGenerate(project, session, flags.offline)
    const report = await generateSecrets(project, ports, session.redactor, {
      only: flags.only ?? [],
      force: flags.force ?? [],
    })
    for (const row of generateRows(report)) this.printRow(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
