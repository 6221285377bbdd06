import * as Flags from '@oclif/core/flags'
import { closeFollow } from '../src/cli/close-follow.ts'
import { duration } from '../src/cli/duration-flag.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { ForgeCommand } from '../src/cli/forge-command.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { evidenceAt } from '../src/cli/wire-deploy.ts'
import { wireFollow } from '../src/cli/wire-follow.ts'
import { follow, type FollowReport } from '../src/flows/gitops/follow.ts'

const TEN_MINUTES = 600_000

export default class Follow extends ForgeCommand {
  static override group = 'look' as const
  static override purpose = 'watching' as const
  static override summary = 'Wait until Flux or Argo CD runs a commit, and prove it.'
  static override description = `Watches until exactly that revision is applied, then proves the stages as a deploy does. Writes nothing.
Exit status: 0 applied and ready, 4 it failed (the hint reverts it in Git), 8 not known: the time is up, suspended, overtaken.`
  static override examples = [
    'git push && <%= config.bin %> follow --env prod',
    '<%= config.bin %> follow --env prod --revision 1a2b3c4 --timeout 20m',
    '<%= config.bin %> follow --context prod-eu -n shop --revision 1a2b3c4 --json',
  ]
  static override flags = {
    ...scopeFlags,
    ...eventsFlags,
    revision: Flags.string({
      helpValue: 'REVISION',
      description: 'commit, at least 7 letters of it, or the digest of an OCI source (default: HEAD of the checkout)',
    }),
    timeout: duration({
      description: 'how long it may take until it is applied; stages have their own times (90s, 10m)',
      default: TEN_MINUTES,
      defaultHelp: async () => await Promise.resolve('10m'),
    }),
    'skip-verify': Flags.boolean({ description: 'do not run the checks under verify' }),
    evidence: Flags.string({
      helpValue: 'DIR',
      description: 'folder for the evidence of a failure (default: below the state folder)',
    }),
  }

  async run(): Promise<FollowReport> {
    const { flags } = await this.parse(Follow)
    const session = this.session(flags)
    const options = {
      scope: scopeOf('follow', flags),
      revision: flags.revision,
      timeoutMs: flags.timeout,
      skipVerify: flags['skip-verify'],
    }
    return closeFollow(await follow(wireFollow(session, await evidenceAt(flags.evidence)), options), session)
  }
}
