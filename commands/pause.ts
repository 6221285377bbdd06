import { PauseCommand, pauseFlags } from '../src/cli/pause-command.ts'
import type { PauseReport } from '../src/flows/pause/pause.ts'

export default class Pause extends PauseCommand {
  static override summary = 'Bring a stack to rest: no pods, all data kept.'
  static override description = `Stage by stage, the last first: workloads to zero, CronJobs and Flux suspended, CloudNativePG hibernated; each is waited for. \
What it was is remembered on its object, and forge resume brings it back. Of components alone: their names. It works without a checkout.
Exit status: 0 paused (or already), 3 refused before any change, 5 stopped half-way: it is said where.`
  static override examples = [
    '<%= config.bin %> pause --env staging',
    '<%= config.bin %> pause worker web --env staging',
    '<%= config.bin %> pause --env prod --dry-run',
  ]
  static override flags = pauseFlags('rest', "how long a stage's pods may take to be gone (90s, 5m)")

  async run(): Promise<PauseReport> {
    const { argv, flags } = await this.parse(Pause)
    return await this.carryOut('pause', argv, flags)
  }
}
