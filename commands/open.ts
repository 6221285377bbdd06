import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { browse } from '../src/cli/browser.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { untilStopped } from '../src/cli/until-stopped.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { openComponent } from '../src/flows/look/open.ts'
import { openScope } from '../src/flows/state/scope.ts'
import { fit } from '../src/cli/width.ts'

export default class Open extends ForgeCommand {
  static override enableJsonFlag = false
  static override group = 'look' as const
  static override purpose = 'watching' as const
  static override summary = 'Reach a component from this machine, over its pods.'
  static override description = `A port of this machine's loopback leads to a ready pod of the component, through the API server, until Ctrl-C. When that \
pod goes, the next one that is ready takes over. The port is that of the component's Service, else one that its containers declare.`
  static override examples = [
    '<%= config.bin %> open app --env prod',
    '<%= config.bin %> open app --env prod --browser',
    '<%= config.bin %> open postgres --env prod --local-port 5432',
    '<%= config.bin %> open temporal --env prod --port grpc',
  ]
  static override args = { component: Args.string({ required: true, description: 'app, worker, postgres, …' }) }
  static override flags = {
    ...scopeFlags,
    port: Flags.string({ helpValue: 'PORT', description: 'number or name, where the component has several' }),
    'local-port': Flags.integer({
      min: 1,
      max: 65_535,
      helpValue: 'N',
      description: 'of this machine (default: a free one)',
    }),
    browser: Flags.boolean({ description: 'show it in the browser' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Open)
    const { namespace: _place, ...others } = flags
    const session = this.session(others)
    const state = wireState(session)
    const scope = await openScope(scopeOf('open', flags), state)
    const { signal, here, redactor } = session
    redactor.spare([scope.project, scope.namespace, args.component])
    const note = (text: string): void =>
      void process.stderr.write(`${fit([`· ${session.output.shown(text)}`], process.stderr)}\n`)
    const opened = (address: string, pod: string): void => {
      this.print(address)
      note(`leads to ${pod}; Ctrl-C ends it`)
      if (flags.browser) void browse(address, signal).then((why) => why !== undefined && note(`no browser: ${why}`))
    }
    const request = { component: args.component, port: flags.port, localPort: flags['local-port'] }
    const ports = { clock: state.clock, signal, here, redactor, streams: await scope.connected.cluster.streams() }
    await untilStopped(session, openComponent(request, scope, { opened, note }, ports), 0)
  }
}
