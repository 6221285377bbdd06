import * as Flags from '@oclif/core/flags'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireApply } from '../../src/cli/wire-secrets.ts'
import { applyDocument, showProblem, type ApplyDocument, diffRows } from '../../src/flows/show.ts'
import { applySecrets } from '../../src/flows/secrets-apply.ts'

/** Exit status of `--exit-code` where there are differences (docs/design.md). */
const DIFFERENCES = 10

export default class DiffSecrets extends ForgeCommand {
  static override summary = 'Show which keys differ from the cluster, never a value.'
  static override description = 'Checks the sources as `apply` does, and writes nothing.'
  static override examples = [
    '<%= config.bin %> secrets diff --env prod',
    '<%= config.bin %> secrets diff --env prod --exit-code',
  ]
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    'exit-code': Flags.boolean({ description: 'exit with 10 where keys differ' }),
  }

  async run(): Promise<ApplyDocument> {
    const { flags } = await this.parse(DiffSecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const ports = await wireApply(project, session)
    const report = await applySecrets(project, ports, session.redactor, { dryRun: true, held: 'tell' })
    for (const row of diffRows(report, session.here)) this.printRow(row)
    for (const warning of report.warnings) this.warn(showProblem(warning))
    const differs = report.secrets.some(({ changedKeys }) => changedKeys.length > 0)
    if (differs && flags['exit-code']) process.exitCode = DIFFERENCES
    return applyDocument(report)
  }
}
