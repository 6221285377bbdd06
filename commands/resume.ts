import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closePause, showPause } from '../src/cli/close-pause.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { pauseOrResume, type PauseReport } from '../src/flows/pause/pause.ts'

export default class Resume extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const
  static override summary = 'Wake what forge pause brought to rest, and prove it.'
  static override description = `Stage by stage, the first first, each ready before the next by the rules of a deploy. Counts, CronJobs, Flux and databases are as they were \
before the pause; a count that somebody set meanwhile stays. It works without a checkout.
Exit status: 0 ready (or nothing was paused), 3 refused before any change, 5 stopped half-way, 8 woken and not ready.`
  static override examples = [
    '<%= config.bin %> resume --env staging',
    '<%= config.bin %> resume web --env staging',
    '<%= config.bin %> resume --env prod --timeout 10m --yes',
  ]
  static override strict = false
  static override args = {
    component: Args.string({ description: 'only these: names as forge status shows them (default: all)' }),
  }
  static override flags = {
    ...scopeFlags,
    ...eventsFlags,
    yes: Flags.boolean({
      char: 'y',
      description: 'do not ask where the environment is protected, nor refuse a part that others need',
    }),
    'dry-run': Flags.boolean({ description: 'show what would be woken, and write nothing' }),
    timeout: duration({ description: 'limit of every stage, instead of its own (90s, 5m)' }),
  }

  async run(): Promise<PauseReport> {
    const { argv, flags } = await this.parse(Resume)
    const session = this.session(flags)
    const options = {
      command: 'resume' as const,
      scope: scopeOf('resume', flags),
      components: argv.map(String),
      yes: flags.yes,
      dryRun: flags['dry-run'],
      timeoutMs: flags.timeout,
    }
    return closePause(await pauseOrResume(wireDeploy(session), options, showPause), session)
  }
}
