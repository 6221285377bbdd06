import * as Flags from '@oclif/core/flags'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wirePull } from '../../src/cli/wire-secrets.ts'
import { pullRows } from '../../src/flows/show.ts'
import { pullSecrets, type PullReport } from '../../src/flows/secrets-pull.ts'

export default class PullSecrets extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = "Fetch the cluster's values into the files of forge.yaml."
  static override description = `The files are readable by you only. One that holds something else is kept \
beside its new content first (FILE.20261120T120000Z). Nothing is written to \
the cluster.`
  static override examples = [
    '<%= config.bin %> secrets pull --env prod',
    '<%= config.bin %> secrets pull --env prod --only postgres-secrets',
  ]
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    only: Flags.string({ multiple: true, helpValue: 'NAME', description: 'this secret only' }),
  }

  async run(): Promise<PullReport> {
    const { flags } = await this.parse(PullSecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const report = await pullSecrets(project, await wirePull(project, session), session.redactor, flags.only ?? [])
    for (const row of pullRows(report.keys, report.environment)) this.printRow(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
