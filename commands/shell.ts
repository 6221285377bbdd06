import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { askOn } from '../src/cli/ask.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { terminalFor } from '../src/cli/terminal.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { shellInto } from '../src/flows/look/shell.ts'
import { ForgeError } from '../src/errors.ts'
import { openScope } from '../src/flows/state/scope.ts'
import { fit } from '../src/cli/width.ts'
import { forge } from '../src/hint.ts'

export default class Shell extends ForgeCommand {
  static override enableJsonFlag = false
  static override strict = false
  static override group = 'look' as const
  static override purpose = 'watching' as const
  static override summary = 'Run a shell, or a command, in a pod of a component.'
  static override description = `In a container of the youngest ready pod: bash where the image has it, else sh; or what stands after --. With a terminal \
where there is one, else byte by byte from stdin to stdout. Its exit status is the command's. Nothing that is typed or \
printed is kept, and nothing of it is masked. A protected environment asks first (--yes).`
  static override examples = [
    '<%= config.bin %> shell app --env staging',
    '<%= config.bin %> shell postgres --env staging -- psql -U app',
    '<%= config.bin %> shell postgres --env prod --yes -- pg_dump app > app.sql',
  ]
  static override args = { component: Args.string({ required: true, description: 'app, worker, postgres, …' }) }
  static override flags = {
    ...scopeFlags,
    container: Flags.string({
      char: 'c',
      helpValue: 'NAME',
      description: 'this one of the pod (default: as kubectl exec)',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
  }

  async run(): Promise<void> {
    const { args, flags, argv } = await this.parse(Shell)
    const command = argv.slice(1).map(String)
    refuseLoose(command, process.argv.slice(2))
    const { namespace: _place, ...others } = flags
    const session = this.session(others)
    const state = wireState(session)
    const scope = await openScope(scopeOf('shell', flags), state)
    const { signal, here, redactor } = session
    redactor.spare([scope.project, scope.namespace, args.component])
    const request = {
      component: args.component,
      container: flags.container,
      command,
      yes: flags.yes,
    }
    process.exitCode = await shellInto(request, scope, {
      ...{ clock: state.clock, signal, here, redactor, ask: askOn(session) },
      streams: await scope.connected.cluster.streams(),
      note: (text) => void process.stderr.write(`${fit([`· ${session.output.shown(text)}`], process.stderr)}\n`),
      terminal: () => terminalFor(session),
    })
  }
}

/** Words of a command before `--`: forge would take its flags, and keep it in the log of the run. */
function refuseLoose(command: readonly string[], typed: readonly string[]): void {
  const behind = typed.includes('--') ? typed.slice(typed.indexOf('--') + 1) : []
  if (command.length === behind.length) return
  throw new ForgeError('E_USAGE', 'a command stands behind --, and forge has its flags before it', {
    hint: forge('shell', '--help'),
    where: 'command line',
  })
}
