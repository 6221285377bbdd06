import { eventsFlags } from '../src/cli/event-file.ts'
import { metricsFlags } from '../src/cli/metrics-file.ts'
import { builderFlag, deployFlags, deployOptions } from '../src/cli/deploy-flags.ts'
import { clusterFlags, ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { closeDeploy } from '../src/cli/close-deploy.ts'
import { evidenceAt, wireDeploy } from '../src/cli/wire-deploy.ts'
import { givenImages } from '../src/cli/given-images.ts'
import { showPlan } from '../src/cli/show-plan.ts'
import { plannedIn } from '../src/flows/plan/save.ts'
import { fromHere } from '../src/cli/close-plan.ts'
import { deploy } from '../src/flows/deploy/deploy.ts'
import type { DeployReport } from '../src/flows/deploy/report.ts'

export default class Deploy extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const
  static override summary = 'Reach the new state and prove it, or return to the old.'
  static override description = `Ten steps, the first five of which change nothing. A failure after that is rolled back and explained.
Exit status: 0 done, 2 usage or forge.yaml, 3 refused before any change, 4 failed and rolled back, 5 failed and not rolled \
back, 6 somebody else deploys, 7 cluster unreachable, 130 interrupted.`
  static override examples = [
    '<%= config.bin %> deploy --env sandbox',
    '<%= config.bin %> deploy --env staging --set app.replicas=3',
    '<%= config.bin %> deploy --env staging --release web --set replicas=3',
    '<%= config.bin %> deploy --env prod --from staging',
    '<%= config.bin %> deploy --env prod --yes --json --evidence ./evidence',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    ...clusterFlags,
    ...deployFlags,
    builder: builderFlag,
    ...eventsFlags,
    ...metricsFlags('dry-run'),
  }

  async run(): Promise<DeployReport> {
    const { flags } = await this.parse(Deploy)
    const session = this.session(flags)
    if (flags['dry-run'])
      return await showPlan(flags, session, { format: 'text', full: false, exitCode: false, out: undefined })
    const ports = wireDeploy(session, await evidenceAt(flags.evidence), flags.builder)
    const saved = await plannedIn(fromHere(flags.plan), flags['max-age'], session.env, ports)
    const images = saved === undefined ? await givenImages(flags, session) : []
    const end = await deploy(ports, deployOptions(flags, session, { saved, images }))
    return closeDeploy(end, session)
  }
}
