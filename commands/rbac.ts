import * as Flags from '@oclif/core/flags'
import { clusterFlags, ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { closeRbac } from '../src/cli/close-rbac.ts'
import { givenValues } from '../src/cli/given-values.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { rbac, type Rbac as Rights } from '../src/flows/rbac.ts'

export default class Rbac extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Print the least rights that a deploy or a plan needs.'
  static override description = `A Role and its binding for each namespace, a ClusterRole only for what no namespace has, \
as YAML for kubectl. By the same list as the checks of a deploy. The cluster is asked for its kinds; nothing is written.`
  static override examples = [
    '<%= config.bin %> rbac --env prod | kubectl apply -f -',
    '<%= config.bin %> rbac --env prod --for plan --subject group:reviewers',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    ...clusterFlags,
    for: Flags.option({
      options: ['plan', 'look', 'pause', 'backup', 'deploy'] as const,
      default: 'deploy',
      description: 'what it is to be allowed; deploy has rollback and recover in it, look alone open and shell',
    })(),
    subject: Flags.string({
      helpValue: 'WHO',
      description: 'serviceaccount:[NAMESPACE/]NAME, user:NAME or group:NAME (default: a new service account)',
    }),
  }

  async run(): Promise<Rights> {
    const { flags } = await this.parse(Rbac)
    const session = this.session(flags)
    const options = {
      ...{ dir: session.dir, dirGiven: session.dirGiven, env: session.env, ...givenValues(flags) },
      ...{ yes: true, timeoutMs: undefined, skipBuild: true, skipVerify: true, rollback: true },
      ...{ adopt: false, overwriteDrift: false },
    }
    const found = await rbac(wireDeploy(session), options, { purpose: flags.for, subject: flags.subject })
    return closeRbac(found, session, flags.for)
  }
}
