import { clusterFlags, ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { closeDoctor } from '../src/cli/close-doctor.ts'
import { givenValues } from '../src/cli/given-values.ts'
import { wireDeploy } from '../src/cli/wire-deploy.ts'
import { wireMachine } from '../src/cli/wire-doctor.ts'
import { doctor } from '../src/flows/doctor/doctor.ts'

export default class Doctor extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Say all that would keep a deploy from working.'
  static override description = `Tools, credentials, rights, namespace, storage, network, workloads and images are looked at, by the checks of a deploy \
and more; nothing is written. What may not be read is "not checked". Exit status 3: a deploy would fail; 7: the cluster \
cannot be reached.`
  static override examples = ['<%= config.bin %> doctor --env prod', '<%= config.bin %> doctor --env prod --json']
  static override flags = { ...projectFlags, ...valuesFlags, ...releaseFlags, ...clusterFlags }

  async run(): Promise<ReturnType<typeof closeDoctor>> {
    const { flags } = await this.parse(Doctor)
    const session = this.session(flags)
    const options = {
      ...{ dir: session.dir, dirGiven: session.dirGiven, env: session.env, ...givenValues(flags) },
      ...{ yes: true, timeoutMs: undefined, skipBuild: true, skipVerify: false, rollback: true },
      ...{ adopt: false, overwriteDrift: false },
    }
    return closeDoctor(await doctor(wireDeploy(session), wireMachine(session), options), session)
  }
}
