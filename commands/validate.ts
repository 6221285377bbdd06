import { ForgeCommand, projectFlags } from '../src/cli/forge-command.ts'
import { wireValidate } from '../src/cli/wire-project.ts'
import { validateProject, type ValidateReport } from '../src/flows/validate.ts'
import { validateRows } from '../src/flows/show.ts'

export default class Validate extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Check forge.yaml and the files it names.'
  static override description =
    'Needs no cluster and no secrets. With helm on this machine charts that are folders are rendered, and names that nothing in \
them uses are refused. Exit status: 0 valid, 2 forge.yaml is wrong, 3 a file is.'
  static override examples = ['<%= config.bin %> validate', '<%= config.bin %> validate --env prod']
  static override flags = { ...projectFlags }

  async run(): Promise<ValidateReport> {
    const { flags } = await this.parse(Validate)
    const session = this.session(flags)
    const report = await validateProject(wireValidate(session), {
      env: session.env,
      ...(session.dirGiven ? { dir: session.dir } : {}),
    })
    for (const row of validateRows(report)) this.printRow(row)
    return report
  }
}
