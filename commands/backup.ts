import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closeBackup, showBackup } from '../src/cli/close-backup.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { clusterFlags, ForgeCommand, projectFlags } from '../src/cli/forge-command.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { backUp, type BackupReport } from '../src/flows/backup-now.ts'

export default class Backup extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const
  static override summary = 'Make the backups of forge.yaml now, and wait for them.'
  static override description = `A Job of each CronJob, a Backup of each ScheduledBackup that forge.yaml names under backups, whatever their age; their names are \
printed. What is made stays, also after Ctrl-C. A deploy makes them by itself before a Job that migrates.
Exit status: 0 made, 2 unknown name, 3 one could not be made, and nothing else was changed, 6 somebody else deploys.`
  static override examples = [
    '<%= config.bin %> backup --env prod',
    '<%= config.bin %> backup temporal --env prod --json',
    '<%= config.bin %> backup --env prod --dry-run',
  ]
  static override args = {
    name: Args.string({ description: 'only these: names under backups of forge.yaml (default: all)' }),
  }
  static override strict = false
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    ...eventsFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
    'dry-run': Flags.boolean({ description: 'show what would be made, and write nothing' }),
  }

  async run(): Promise<BackupReport> {
    const { argv, flags } = await this.parse(Backup)
    const session = this.session(flags)
    const options = {
      dir: session.dirGiven ? session.dir : undefined,
      env: session.env,
      names: argv.map(String),
      yes: flags.yes,
      dryRun: flags['dry-run'],
    }
    return closeBackup(await backUp(wireDeploy(session), options, showBackup), session)
  }
}
