import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { pattern } from '../src/cli/pattern-flag.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { linePrinter, notePrinter, shownFirst } from '../src/cli/print-logs.ts'
import { untilStopped } from '../src/cli/until-stopped.ts'
import { wireState } from '../src/cli/wire-state.ts'
import { followLogs } from '../src/flows/logs/follow.ts'
import { readLogs, type LogLine } from '../src/flows/logs/logs.ts'
import { learnSecrets } from '../src/flows/state/known-secrets.ts'
import { openScope } from '../src/flows/state/scope.ts'

const TAIL = 100
/** Of what is looked through for a time or a pattern. */
const TAIL_OF_CHOICE = 10_000

export default class Logs extends ForgeCommand {
  static override group = 'look' as const
  static override purpose = 'watching' as const
  static override summary = 'Print or follow the logs of all pods of a component.'
  static override description = `A component is a part of the stack as people speak of it: postgres, temporal, app (label app.kubernetes.io/component, else \
name). Values of the project's Secrets are masked, and a pattern is held against what is left. With -f it ends on Ctrl-C.`
  static override examples = [
    '<%= config.bin %> logs app --env prod',
    '<%= config.bin %> logs app --env prod -f --tail 20',
    '<%= config.bin %> logs app --env prod --since 15m --grep timeout',
    "<%= config.bin %> logs app --env prod -c proxy --grep '/ (4|5)\\d\\d /'",
    '<%= config.bin %> logs worker --env prod --previous',
    '<%= config.bin %> logs app --context prod-eu -n api-forge-prod',
  ]
  static override args = { component: Args.string({ required: true, description: 'app, worker, postgres, …' }) }
  static override flags = {
    ...scopeFlags,
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on', exclusive: ['json'] }),
    previous: Flags.boolean({ char: 'p', description: 'the run before the last restart', exclusive: ['follow'] }),
    since: duration({ description: 'what was written within this time (90s, 15m, 1h30m)' }),
    grep: pattern({ description: 'lines with this text; /…/ or /…/i is a regular expression (RE2)' }),
    container: Flags.string({ char: 'c', helpValue: 'NAME', description: 'this container of each pod alone' }),
    tail: Flags.integer({
      min: 0,
      helpValue: 'N',
      description: `last lines of each container (default ${TAIL}; ${TAIL_OF_CHOICE} with --since or --grep)`,
    }),
  }

  async run(): Promise<{ readonly lines: readonly LogLine[] }> {
    const { args, flags } = await this.parse(Logs)
    const { namespace: _place, ...others } = flags
    const session = this.session(others)
    const ports = wireState(session)
    const scope = await openScope(scopeOf('logs', flags), ports)
    const { cluster } = scope.connected
    const { project, namespace } = scope
    // What was asked for is no secret, whatever stands in a Secret.
    session.redactor.spare([project, namespace, args.component])
    await learnSecrets({ cluster, project, namespace }, session.redactor, session.signal)
    const { since: sinceMs, container, previous } = flags
    const tail = flags.tail ?? (sinceMs === undefined && flags.grep === undefined ? TAIL : TAIL_OF_CHOICE)
    const grep = flags.grep && { ...flags.grep, matches: shownFirst(flags.grep.matches, session) }
    const request = { component: args.component, tail, sinceMs, container, pattern: grep, previous }
    const [line, note] = [linePrinter(session), notePrinter(session)]
    if (flags.follow) {
      await untilStopped(session, followLogs(request, scope, { line, note }, session.signal))
      return { lines: [] }
    }
    const logs = await readLogs(request, scope, session.signal)
    if (!session.json) logs.lines.forEach(line)
    if (logs.note !== undefined) note(logs.note)
    return { lines: logs.lines }
  }
}
