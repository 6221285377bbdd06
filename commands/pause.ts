import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closePause, showPause } from '../src/cli/close-pause.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { pauseOrResume, type PauseReport } from '../src/flows/pause/pause.ts'

export default class Pause extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const
  static override summary = 'Bring a stack to rest: no pods, all data kept.'
  static override description = `Stage by stage, the last first: workloads to zero, CronJobs and Flux suspended, CloudNativePG hibernated; each is waited for. \
What it was is remembered on its object, and forge resume brings it back. Of components alone: their names. It works without a checkout.
Exit status: 0 paused (or already), 3 refused before any change, 5 stopped half-way: it is said where.`
  static override examples = [
    '<%= config.bin %> pause --env staging',
    '<%= config.bin %> pause worker web --env staging',
    '<%= config.bin %> pause --env prod --dry-run',
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
    'dry-run': Flags.boolean({ description: 'show what would rest, and write nothing' }),
    timeout: duration({ description: "how long a stage's pods may take to be gone (90s, 5m)" }),
  }

  async run(): Promise<PauseReport> {
    const { argv, flags } = await this.parse(Pause)
    const session = this.session(flags)
    const options = {
      command: 'pause' as const,
      scope: scopeOf('pause', flags),
      components: argv.map(String),
      yes: flags.yes,
      dryRun: flags['dry-run'],
      timeoutMs: flags.timeout,
    }
    return closePause(await pauseOrResume(wireDeploy(session), options, showPause), session)
  }
}
