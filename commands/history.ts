import * as Args from '@oclif/core/args'
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
number: its steps, its verdict with the chain of causes, and the last lines of the log.`
  static override examples = [
    '<%= config.bin %> history --env prod',
    '<%= config.bin %> history 42 --env prod',
    '<%= config.bin %> history --context prod-eu -n api-forge-prod --json',
  ]
  static override args = { number: Args.string({ description: "of one deploy: 42 or '#42'" }) }
  static override flags = scopeFlags

  async run(): Promise<DeployHistory['report']> {
    const { args, flags } = await this.parse(History)
    const number = deployNumber(args.number, 'history')
    const session = this.session(flags)
    return closeHistory(await history(scopeOf('history', flags), number, wireState(session)), session)
  }
}
