import { eventsFlags } from '../src/cli/event-file.ts'
import { metricsFlags } from '../src/cli/metrics-file.ts'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closeRollback, showReturn } from '../src/cli/close-rollback.ts'
import { confirmFlag, resumeFlag, resumeOf } from '../src/cli/deploy-flags.ts'
import { deployNumber } from '../src/cli/deploy-number.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { rollback, type RollbackEnd } from '../src/flows/rollback/rollback.ts'

export default class Rollback extends ForgeCommand {
  static override group = 'undo' as const
  static override purpose = 'writing' as const
  static override summary = 'Go back to what ran in an earlier deploy, and prove it.'
  static override description = `Without a number: the deploy that was ready before the one that runs now; never one that somebody went back from, which has \
to be named. What will change is shown first. No volume is touched. It works without a checkout, and gets a number of its own in the history.
Exit status: 0 done, 3 refused before any change, 4 failed and what ran before runs again, 5 failed and it does not.`
  static override examples = [
    '<%= config.bin %> rollback --env prod',
    '<%= config.bin %> rollback 41 --env prod --dry-run',
    '<%= config.bin %> rollback --context prod-eu -n api-forge-prod --project api-forge --yes',
  ]
  static override args = { number: Args.string({ description: "of the deploy to go back to: 42 or '#42'" }) }
  static override flags = {
    ...scopeFlags,
    ...eventsFlags,
    ...metricsFlags('dry-run'),
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
    resume: resumeFlag,
    'dry-run': Flags.boolean({ description: 'show what would change, and write nothing' }),
    timeout: duration({ description: 'limit of every stage, instead of those of that deploy (90s, 5m)' }),
    'skip-verify': Flags.boolean({ description: 'do not run the checks of that deploy' }),
    confirm: confirmFlag,
    'accept-data-loss': Flags.boolean({
      description: 'go back even to code that cannot read the schema that the database has by now',
    }),
  }

  async run(): Promise<RollbackEnd['report']> {
    const { args, flags } = await this.parse(Rollback)
    const to = deployNumber(args.number, 'rollback')
    const session = this.session(flags)
    const request = {
      scope: scopeOf('rollback', flags),
      to,
      yes: flags.yes,
      resume: resumeOf(flags),
      dryRun: flags['dry-run'],
      confirm: flags.confirm ?? [],
      skipVerify: flags['skip-verify'],
      acceptDataLoss: flags['accept-data-loss'],
      timeoutMs: flags.timeout,
    }
    return closeRollback(await rollback(wireDeploy(session), request, showReturn), session)
  }
}
