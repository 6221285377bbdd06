import { PauseCommand, pauseFlags } from '../src/cli/pause-command.ts'
import type { PauseReport } from '../src/flows/pause/pause.ts'

export default class Resume extends PauseCommand {
  static override summary = 'Wake what forge pause brought to rest, and prove it.'
  static override description = `Stage by stage, the first first, each ready before the next by the rules of a deploy. Counts, CronJobs, Flux and databases are as they were \
before the pause; a count that somebody set meanwhile stays. It works without a checkout.
Exit status: 0 ready (or nothing was paused), 3 refused before any change, 5 stopped half-way, 8 woken and not ready.`
  static override examples = [
    '<%= config.bin %> resume --env staging',
    '<%= config.bin %> resume web --env staging',
    '<%= config.bin %> resume --env prod --timeout 10m --yes',
  ]
  static override flags = pauseFlags('be woken', 'limit of every stage, instead of its own (90s, 5m)')

  async run(): Promise<PauseReport> {
    const { argv, flags } = await this.parse(Resume)
    return await this.carryOut('resume', argv, flags)
  }
}
