import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closeReport } from '../src/cli/close-report.ts'
import { deployNumber } from '../src/cli/deploy-number.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { reportDeploy, type PageReport } from '../src/flows/report.ts'

export default class Report extends ForgeCommand {
  static override group = 'look' as const
  static override summary = 'Write a page that shows one deploy: verdict, times, diff.'
  static override description = `One HTML file that needs nothing else, for a ticket or a post-mortem: the verdict in words, when steps, workloads and pods \
were where, what changed and why pods restarted. From the journal in the cluster: no checkout is needed.`
  static override examples = [
    '<%= config.bin %> report --env prod --open',
    '<%= config.bin %> report 42 --env prod --out deploy.html',
    '<%= config.bin %> report 42 --env prod --json',
  ]
  static override args = { number: Args.string({ description: "of one deploy: 42 or '#42' (default: the newest)" }) }
  static override flags = {
    ...scopeFlags,
    out: Flags.string({
      helpValue: 'FILE',
      description: 'where to (default: forge-report-PROJECT-ENV-N.html; with --json nowhere)',
    }),
    open: Flags.boolean({ description: 'show it in the browser' }),
  }

  async run(): Promise<PageReport> {
    const { args, flags } = await this.parse(Report)
    const number = deployNumber(args.number, 'report')
    const session = this.session(flags)
    const reported = await reportDeploy(scopeOf('report', flags), number, wireState(session))
    const { out, open } = flags
    const wanted = { out, open, version: this.config.version }
    return await closeReport(reported, wanted, session, (row) => this.printRow(row))
  }
}
