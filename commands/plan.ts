import { eventsFlags } from '../src/cli/event-file.ts'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { imageFlags, takingFlags } from '../src/cli/deploy-flags.ts'
import { refuseOtherPlan } from '../src/cli/own-file.ts'
import { showPlan } from '../src/cli/show-plan.ts'
import type { PlanEnd } from '../src/flows/deploy/plan.ts'

export default class Plan extends ForgeCommand {
  static override group = 'deploy' as const
  static override summary = 'Show what a deploy would do, and write nothing.'
  static override description = `Field by field: objects are compared with what is live, as the release's own helm would write them; drift, conflicts, restarts, room \
and the way back are told apart. Images are not built: those that run, or that are given, are used.`
  static override examples = [
    '<%= config.bin %> plan --env prod',
    '<%= config.bin %> plan --env prod --out p.json && <%= config.bin %> deploy --plan p.json',
    '<%= config.bin %> plan --env staging --exit-code -o markdown',
    '<%= config.bin %> plan --env staging --release web --only',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    ...clusterFlags,
    output: Flags.option({
      char: 'o',
      options: ['text', 'json', 'markdown'] as const,
      default: 'text',
      description: 'form of the plan',
    })(),
    full: Flags.boolean({ description: 'every field with its whole path and value' }),
    out: Flags.string({ helpValue: 'FILE', description: 'save it for `forge deploy --plan FILE`' }),
    'exit-code': Flags.boolean({ description: 'exit with 10 where there are changes' }),
    ...takingFlags,
    ...imageFlags,
    ...eventsFlags,
  }

  async run(): Promise<PlanEnd['report']> {
    const { flags } = await this.parse(Plan)
    const session = this.session(flags)
    refuseOtherPlan(flags.out)
    return await showPlan(flags, session, {
      format: flags.output,
      full: flags.full,
      exitCode: flags['exit-code'],
      out: flags.out,
    })
  }
}
