import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { closeDeploy } from '../../src/cli/close-deploy.ts'
import { eventsFlags } from '../../src/cli/event-file.ts'
import { metricsFlags } from '../../src/cli/metrics-file.ts'
import { duration } from '../../src/cli/duration-flag.ts'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireRotate } from '../../src/cli/wire-secrets.ts'
import { rotateRows } from '../../src/flows/show.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { rotateSecret } from '../../src/flows/secrets-rotate.ts'

export default class RotateSecret extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'Give a secret new values: files, cluster, pods.'
  static override description = `Exactly the consumers restart, stage by stage. If they do not become ready, \
the old values come back, in the cluster and in the files. A key that says \
\`rollback: keep\` is refused: its other half lives elsewhere.`
  static override examples = [
    '<%= config.bin %> secrets rotate app-secrets/session_signing_secret --env prod',
    '<%= config.bin %> secrets rotate postgres-tls --env staging',
  ]
  static override args = {
    secret: Args.string({ required: true, description: 'NAME of the secret, or NAME/KEY for one key of it' }),
  }
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
    'overwrite-drift': Flags.boolean({ description: 'overwrite what somebody else changed in it, this once' }),
    timeout: duration({ description: 'limit of every stage, instead of those in forge.yaml (90s, 5m)' }),
    ...eventsFlags,
    ...metricsFlags(),
  }

  async run(): Promise<DeployReport> {
    const { flags, args } = await this.parse(RotateSecret)
    const session = this.session(flags)
    const project = await projectFor(session)
    const { dir, dirGiven, env } = session
    const overwrite = flags['overwrite-drift']
    const request = { dir, dirGiven, env, yes: flags.yes, timeoutMs: flags.timeout, overwrite }
    const rotated = await rotateSecret(project, wireRotate(session), args.secret, request)
    const report = closeDeploy(rotated.end, session)
    for (const row of rotateRows(rotated)) this.printRow(row)
    return report
  }
}
