import { eventsFlags } from '../src/cli/event-file.ts'
import * as Flags from '@oclif/core/flags'
import { closeUninstall, showUninstall } from '../src/cli/close-uninstall.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { uninstall, type UninstallReport } from '../src/flows/uninstall/uninstall.ts'

export default class Uninstall extends ForgeCommand {
  static override group = 'undo' as const
  static override purpose = 'writing' as const
  static override summary = "Take an environment's releases away, and keep their data."
  static override description = `Volume claims, secrets and forge's journal stay: the next deploy finds them. --delete-data deletes the claims, too; each \
is listed, and the name of the environment has to be typed with --confirm. It works without a checkout.`
  static override examples = [
    '<%= config.bin %> uninstall --env staging',
    '<%= config.bin %> uninstall --env staging --delete-data --dry-run',
    '<%= config.bin %> uninstall --env staging --delete-data --confirm staging --yes',
  ]
  static override flags = {
    ...scopeFlags,
    ...eventsFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ description: 'show what would go and what would stay, and write nothing' }),
    'delete-data': Flags.boolean({ description: 'delete the volume claims, too, with all data in them' }),
    timeout: duration({ description: 'how long what was deleted may take to be gone (default 2m)' }),
    confirm: Flags.string({ helpValue: 'NAME', description: 'the environment whose data shall be deleted' }),
  }

  async run(): Promise<UninstallReport> {
    const { flags } = await this.parse(Uninstall)
    const session = this.session(flags)
    const request = {
      scope: scopeOf('uninstall', flags),
      yes: flags.yes,
      dryRun: flags['dry-run'],
      deleteData: flags['delete-data'],
      confirm: flags.confirm,
      timeoutMs: flags.timeout,
    }
    const end = await uninstall(wireDeploy(session), request, showUninstall)
    return closeUninstall(end, request.deleteData, session)
  }
}
