import * as Flags from '@oclif/core/flags'
import { closeRecovery, type RecoveryReport } from '../src/cli/close-recovery.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { metricsFlags } from '../src/cli/metrics-file.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { recoverScope } from '../src/flows/recovery/recover-scope.ts'

export default class Recover extends ForgeCommand {
  static override group = 'undo' as const
  static override purpose = 'writing' as const
  static override summary = 'Put right what a deploy that was killed has left.'
  static override description = `Under the lock of the project: what is complete and ready is written down as deployed, anything else goes back to what was \
deployed before, secrets included. forge deploy does the same by itself before its first step. Exit status: 0 done or \
nothing to do, 3 a release is stuck that is not forge's, 5 what ran before is not ready, 6 the deploy is still alive.`
  static override examples = [
    '<%= config.bin %> recover --env prod --dry-run',
    '<%= config.bin %> recover --env prod',
    '<%= config.bin %> recover --context prod-eu -n api-forge-prod --project api-forge',
  ]
  static override flags = {
    ...scopeFlags,
    'dry-run': Flags.boolean({ description: 'show what was found and would be done; change nothing' }),
    'adopt-pending': Flags.boolean({
      description: 'also put right releases that are stuck by somebody else: nobody may be at them any more',
    }),
    leave: Flags.boolean({
      description:
        'take nothing back: the next deploy goes forward from what there is, also where there is no way back',
    }),
    'wait-for-lock': duration({ description: 'wait so long for a deploy that is alive (5m)' }),
    ...eventsFlags,
    ...metricsFlags('dry-run'),
  }

  async run(): Promise<RecoveryReport> {
    const { flags } = await this.parse(Recover)
    // Whether -n is taken depends on whether there is a forge.yaml.
    const session = this.session(flags)
    const found = await recoverScope(
      scopeOf('recover', flags),
      { ...wireDeploy(session), waitForLockMs: flags['wait-for-lock'] },
      { dryRun: flags['dry-run'], adoptPending: flags['adopt-pending'], leave: flags.leave, prove: true },
    )
    return closeRecovery(found, session)
  }
}
