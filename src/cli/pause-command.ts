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
    yes: Flags.boolean({
      char: 'y',
      description: 'do not ask where the environment is protected, nor refuse a part that others need',
    }),
    'dry-run': Flags.boolean({ description: `show what would ${what}, and write nothing` }),
    timeout: duration({ description: timeout }),
  }
}

type Given = Parameters<typeof scopeOf>[1] & {
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly timeout?: number | undefined
}

export const PARTS = {
  component: Args.string({ description: 'only these: names as forge status shows them (default: all)' }),
}

/** What `forge pause` and `forge resume` have in common. `args` and `strict` are their own: oclif reads no inherited ones. */
export abstract class PauseCommand extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const

  protected async carryOut(command: 'pause' | 'resume', argv: readonly unknown[], flags: Given): Promise<PauseReport> {
    const session = this.session(flags)
    const options = {
      command,
      scope: scopeOf(command, flags),
      components: argv.map(String),
      yes: flags.yes,
      dryRun: flags['dry-run'],
      timeoutMs: flags.timeout,
    }
    return closePause(await pauseOrResume(wireDeploy(session), options, showPause), session)
  }
}
