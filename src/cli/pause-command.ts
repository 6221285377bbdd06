import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { pauseOrResume, type PauseReport } from '../flows/pause/pause.ts'
import { closePause, showPause } from './close-pause.ts'
import { duration } from './duration-flag.ts'
import { eventsFlags } from './event-file.ts'
import { ForgeCommand } from './forge-command.ts'
import { scopeFlags, scopeOf } from './scope-flags.ts'
import { wireDeploy } from './wire-deploy.ts'

/** `what`: `rest`, or `be woken`. */
export function pauseFlags(what: string, timeout: string) {
  return {
    ...scopeFlags,
    ...eventsFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
    'accept-unmet-needs': Flags.boolean({
      description: 'a part alone, even where the stages say that what runs needs what rests',
    }),
    'dry-run': Flags.boolean({ description: `show what would ${what}, and write nothing` }),
    timeout: duration({ description: timeout }),
  }
}

type Given = Parameters<typeof scopeOf>[1] & {
  readonly yes: boolean
  readonly 'accept-unmet-needs': boolean
  readonly 'dry-run': boolean
  readonly timeout?: number | undefined
}

/** What `forge pause` and `forge resume` have in common. */
export abstract class PauseCommand extends ForgeCommand {
  static override args = {
    component: Args.string({ description: 'only these: names as forge status shows them (default: all)' }),
  }
  static override strict = false
  static override group = 'deploy' as const
  static override purpose = 'writing' as const

  protected async carryOut(command: 'pause' | 'resume', argv: readonly unknown[], flags: Given): Promise<PauseReport> {
    const session = this.session(flags)
    const options = {
      command,
      scope: scopeOf(command, flags),
      components: argv.map(String),
      yes: flags.yes,
      acceptUnmetNeeds: flags['accept-unmet-needs'],
      dryRun: flags['dry-run'],
      timeoutMs: flags.timeout,
    }
    return closePause(await pauseOrResume(wireDeploy(session), options, showPause), session)
  }
}
