import { Flags } from '@oclif/core'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireApply } from '../../src/cli/wire-secrets.ts'
import { applyRows } from '../../src/domain/screen/secrets.ts'
import { applyDocument, showProblem, type ApplyDocument } from '../../src/flows/project/show.ts'
import { applySecrets } from '../../src/flows/secrets-apply.ts'

export default class ApplySecrets extends ForgeCommand {
  static override summary =
    "Bring the cluster's Secrets to what the sources say: all are checked first, none is ever deleted."
  static override examples = [
    '<%= config.bin %> secrets apply --env staging',
    '<%= config.bin %> secrets apply --env prod --dry-run',
  ]
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    'dry-run': Flags.boolean({ default: false, description: 'check and compare only' }),
  }

  async run(): Promise<ApplyDocument> {
    const { flags } = await this.parse(ApplySecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const ports = await wireApply(project, session)
    const report = await applySecrets(project, ports, session.redactor, { dryRun: flags['dry-run'] })
    for (const row of applyRows(report)) this.print(row)
    for (const warning of report.warnings) this.warn(showProblem(warning))
    return applyDocument(report)
  }
}
