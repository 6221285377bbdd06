import * as Flags from '@oclif/core/flags'
import { closeRehearsal } from '../src/cli/close-rehearse.ts'
import { confirmFlag, imageFlags, takingFlags } from '../src/cli/deploy-flags.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { clusterFlags, ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { planOptions } from '../src/cli/show-plan.ts'
import { isToBeKilled, runToBeKilled, wireRehearsal } from '../src/cli/wire-rehearse.ts'
import { rehearse, type RehearsalReport } from '../src/flows/rehearse/rehearse.ts'

export default class Rehearse extends ForgeCommand {
  static override group = 'deploy' as const
  static override summary = "Try tonight's deploy, and its failures, on a sandbox."
  static override description = `Makes a real control plane like the environment, with its nodes, policies, objects and made-up secrets, and deploys \
there. The environment is only read. Simulated containers run no image (docs/rehearse.md says what is proven).
Exit status: 0 nothing would go wrong, 3 the deploy would be refused, 4 something would go wrong.`
  static override examples = [
    '<%= config.bin %> rehearse --env prod',
    '<%= config.bin %> rehearse --env prod --fail app=crash-loop',
    '<%= config.bin %> rehearse --env prod --kill-at upgrade',
    '<%= config.bin %> rehearse --env prod --all',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    ...clusterFlags,
    fail: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'COMPONENT=FAILURE',
      description: 'let this happen to the new pods: app=crash-loop (docs/rehearse.md lists them)',
    }),
    'kill-at': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'STEP',
      description: 'kill forge when the deploy is at this step, then recover',
    }),
    all: Flags.boolean({ exclusive: ['fail', 'kill-at'], description: 'each failure once, and a kill' }),
    timeout: duration({ description: 'limit of every stage, instead of those in forge.yaml (90s, 5m)' }),
    confirm: confirmFlag,
    'accept-data-loss': Flags.boolean({ description: 'rehearse even code too old for the schema of the database' }),
    ...takingFlags,
    ...imageFlags,
    ...eventsFlags,
  }

  async run(): Promise<RehearsalReport | undefined> {
    const { flags } = await this.parse(Rehearse)
    const session = this.session(flags)
    if (isToBeKilled()) {
      await runToBeKilled(session)
      return undefined
    }
    const ports = wireRehearsal(session)
    const options = {
      ...(await planOptions(flags, session)),
      timeoutMs: flags.timeout,
      confirm: flags.confirm ?? [],
      acceptDataLoss: flags['accept-data-loss'],
      skipVerify: false,
    }
    const wish = flags.all ? 'all' : { fail: flags.fail ?? [], killAt: flags['kill-at'] ?? [] }
    return closeRehearsal(await rehearse(ports, options, wish), session)
  }
}
