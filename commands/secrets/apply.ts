import * as Flags from '@oclif/core/flags'
import { closeDeploy } from '../../src/cli/close-deploy.ts'
import { eventsFlags } from '../../src/cli/event-file.ts'
import { metricsFlags } from '../../src/cli/metrics-file.ts'
import { resumeFlag, resumeOf } from '../../src/cli/deploy-flags.ts'
import { duration } from '../../src/cli/duration-flag.ts'
import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { wireDeploy } from '../../src/cli/wire-deploy.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireApply } from '../../src/cli/wire-secrets.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { applyDocument, showProblem, type ApplyDocument, applyRows } from '../../src/flows/show.ts'
import { applySecrets } from '../../src/flows/secrets-apply.ts'
import { applyAndRestart } from '../../src/flows/secrets-restart.ts'

export default class ApplySecrets extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = "Bring the cluster's Secrets to what the sources say."
  static override description = `All sources are checked first, and no Secret is ever deleted. Workloads that run the old values are named at the end. With --restart they \
are restarted, stage by stage, and nothing else is changed; if they do not \
become ready, all goes back to what it was.`
  static override examples = [
    '<%= config.bin %> secrets apply --env staging',
    '<%= config.bin %> secrets apply --env prod --dry-run',
    '<%= config.bin %> secrets apply --env prod --restart',
  ]
  static override flags = {
    ...projectFlags,
    ...clusterFlags,
    'dry-run': Flags.boolean({ default: false, description: 'check and compare only', exclusive: ['restart'] }),
    'overwrite-drift': Flags.boolean({ description: 'overwrite what somebody else changed in them, this once' }),
    restart: Flags.boolean({ description: 'restart the workloads that run old values, and wait until they are ready' }),
    yes: Flags.boolean({
      char: 'y',
      dependsOn: ['restart'],
      description: 'do not ask where the environment is protected',
    }),
    resume: { ...resumeFlag, dependsOn: ['restart'] },
    timeout: duration({ dependsOn: ['restart'], description: 'limit of every stage (90s, 5m)' }),
    events: { ...eventsFlags.events, dependsOn: ['restart'] },
    metrics: { ...metricsFlags().metrics, dependsOn: ['restart'] },
  }

  async run(): Promise<ApplyDocument | DeployReport> {
    const { flags } = await this.parse(ApplySecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const { dir, dirGiven, env } = session
    const overwrite = flags['overwrite-drift']
    if (flags.restart) {
      const { yes, timeout: timeoutMs } = flags
      const resume = resumeOf(flags)
      const request = { dir, dirGiven, env, yes, resume, timeoutMs, names: undefined, overwrite }
      return closeDeploy(await applyAndRestart(wireDeploy(session), { ...request, command: 'secrets apply' }), session)
    }
    const ports = await wireApply(project, session)
    const report = await applySecrets(project, ports, session.redactor, {
      dryRun: flags['dry-run'],
      held: overwrite ? 'overwrite' : undefined,
    })
    for (const row of applyRows(report, session.here)) this.printRow(row)
    for (const warning of report.warnings) this.warn(showProblem(warning))
    return applyDocument(report)
  }
}
