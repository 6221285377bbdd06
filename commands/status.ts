import * as Flags from '@oclif/core/flags'
import { closeStatus, statusView } from '../src/cli/close-status.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { untilStopped } from '../src/cli/until-stopped.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { openScope } from '../src/flows/state/scope.ts'
import { status, type StatusDocument } from '../src/flows/status/status.ts'
import { watchStatus } from '../src/flows/status/watch.ts'

export default class Status extends ForgeCommand {
  static override group = 'look' as const
  static override purpose = 'watching' as const
  static override summary = 'Say what runs in an environment, and what is wrong.'
  static override description = `The judges of a deploy look at what is there now. Without a checkout, name the cluster and the namespace.
Exit status: 0 all is ready (or paused on purpose), 8 not ready, 7 cluster unreachable.`
  static override examples = [
    '<%= config.bin %> status --env prod',
    '<%= config.bin %> status --env prod --watch',
    '<%= config.bin %> status --context prod-eu -n api-forge-prod -o json',
  ]
  static override flags = {
    ...scopeFlags,
    output: Flags.option({
      char: 'o',
      options: ['text', 'json'] as const,
      default: 'text',
      description: 'form of the answer',
    })(),
    watch: Flags.boolean({ char: 'w', description: 'show every change until Ctrl-C', exclusive: ['json', 'output'] }),
  }

  async run(): Promise<StatusDocument | undefined> {
    const { flags } = await this.parse(Status)
    const session = this.session(flags)
    const ports = wireState(session)
    const scope = await openScope(scopeOf('status', flags), ports)
    if (flags.watch) {
      await untilStopped(session, watchStatus(scope, ports, statusView(session)))
      return undefined
    }
    return closeStatus(await status(scope, ports), session, flags.output)
  }
}
