import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closeHistoryPages, pagesOfOne } from '../src/cli/close-history-pages.ts'
import { closeHistory } from '../src/cli/close-history.ts'
import { deployNumber } from '../src/cli/deploy-number.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { history, type DeployHistory } from '../src/flows/history.ts'

export default class History extends ForgeCommand {
  static override group = 'look' as const
  static override summary = 'Show what was deployed: who, when, what, how it ended.'
  static override description = `The newest 20 deploys, from the journal in the cluster: no checkout is needed. * marks the one that runs now. With a \
number: its steps, its verdict with the chain of causes, and the last lines of the log. --web writes a folder of pages instead: \
one of all deploys, and that of each (forge report), for a CI artifact or a bucket.`
  static override examples = [
    '<%= config.bin %> history --env prod',
    '<%= config.bin %> history 42 --env prod',
    '<%= config.bin %> history --env prod --web --out public',
    '<%= config.bin %> history --context prod-eu -n api-forge-prod --json',
  ]
  static override args = { number: Args.string({ description: "of one deploy: 42 or '#42'" }) }
  static override flags = {
    ...scopeFlags,
    web: Flags.boolean({ description: 'write pages: one of all deploys, that leads to the page of each' }),
    out: Flags.string({
      helpValue: 'DIR',
      dependsOn: ['web'],
      description: 'folder of the pages (default: forge-history-PROJECT-ENV; with --json none)',
    }),
    open: Flags.boolean({ dependsOn: ['web'], description: 'show them in the browser' }),
  }

  async run(): Promise<DeployHistory['report']> {
    const { args, flags } = await this.parse(History)
    const number = deployNumber(args.number, 'history')
    const { web, out, open } = flags
    const session = this.session(flags)
    if (web && number !== undefined) throw pagesOfOne(number)
    const told = await history(scopeOf('history', flags), number, wireState(session))
    if (!web) return closeHistory(told, session)
    const wanted = { out, open, version: this.config.version }
    return await closeHistoryPages(told, wanted, session, (row) => this.printRow(row))
  }
}
