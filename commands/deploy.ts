import { Flags } from '@oclif/core'
import { duration } from '../src/cli/duration-flag.ts'
import { clusterFlags, ForgeCommand, projectFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { closeDeploy } from '../src/cli/close-deploy.ts'
import { evidenceAt, wireDeploy } from '../src/cli/wire-deploy.ts'
import { plannedIn } from '../src/flows/plan/save.ts'
import { fromHere } from '../src/cli/close-plan.ts'
import { deploy } from '../src/flows/deploy/deploy.ts'
import type { DeployReport } from '../src/flows/deploy/report.ts'

export default class Deploy extends ForgeCommand {
  static override summary =
    'Deploy the project to an environment: reach the new state and prove it, or return to the old one.'
  static override description = `Ten steps, the first five of which change nothing. A failure after that is rolled back and explained.
Exit status: 0 done, 2 usage or forge.yaml, 3 refused before any change, 4 failed and rolled back, 5 failed and not rolled
back, 6 somebody else deploys, 7 cluster unreachable, 130 interrupted.`
  static override examples = [
    '<%= config.bin %> deploy --env sandbox',
    '<%= config.bin %> deploy --env staging --set app.replicas=3',
    '<%= config.bin %> deploy --env prod --yes --json --evidence ./evidence',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...clusterFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
    confirm: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'let the data of this object be deleted (--yes never does)',
    }),
    timeout: duration({ description: 'limit of every stage, instead of those in forge.yaml (90s, 5m)' }),
    'accept-data-loss': Flags.boolean({ description: 'deploy even code too old for the schema of the database' }),
    'skip-build': Flags.boolean({ description: 'build no image: use those that the live release has' }),
    'skip-verify': Flags.boolean({ description: 'do not run the checks under `verify`' }),
    'overwrite-drift': Flags.boolean({ description: 'overwrite what somebody else changed, this once' }),
    plan: Flags.string({
      helpValue: 'FILE',
      description: 'carry out exactly this plan of `forge plan --out`',
      exclusive: ['values', 'set', 'skip-build', 'overwrite-drift'],
    }),
    evidence: Flags.string({
      helpValue: 'DIR',
      description: 'where logs and events of a failure go (default: docs/state.md)',
    }),
    'max-age': duration({ dependsOn: ['plan'], description: 'how old the plan may be (default 24h)' }),
    'wait-for-lock': duration({ description: 'wait so long for another deploy to end (5m), instead of exit status 6' }),
    rollback: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'return to the previous state when the deploy fails',
    }),
  }

  async run(): Promise<DeployReport> {
    const { flags } = await this.parse(Deploy)
    const session = this.session(flags)
    const ports = wireDeploy(session, await evidenceAt(flags.evidence))
    const saved = await plannedIn(fromHere(flags.plan), flags['max-age'], session.env, ports)
    const end = await deploy(ports, {
      dir: session.dir,
      dirGiven: session.dirGiven,
      env: saved?.environment ?? session.env,
      values: saved?.basis.values ?? flags.values ?? [],
      set: saved?.basis.set ?? flags.set ?? [],
      yes: flags.yes,
      confirm: flags.confirm ?? [],
      timeoutMs: flags.timeout,
      acceptDataLoss: flags['accept-data-loss'],
      waitForLockMs: flags['wait-for-lock'],
      skipBuild: flags['skip-build'],
      skipVerify: flags['skip-verify'],
      rollback: flags.rollback,
      overwriteDrift: flags['overwrite-drift'] || saved?.drift === 'overwrite',
      ...(saved === undefined ? {} : { saved }),
    })
    return closeDeploy(end, session)
  }
}
