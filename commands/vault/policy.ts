import * as Flags from '@oclif/core/flags'
import { ForgeCommand, projectFlags, releaseFlags, valuesFlags } from '../../src/cli/forge-command.ts'
import { closeVaultPolicy } from '../../src/cli/close-vault.ts'
import { givenValues } from '../../src/cli/given-values.ts'
import { projectPorts } from '../../src/cli/wire.ts'
import { wireRender } from '../../src/cli/wire-project.ts'
import { resolveConfiguration } from '../../src/flows/project/configuration.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { withPlainCharts } from '../../src/flows/project/plain.ts'
import { imagesToBe } from '../../src/flows/render.ts'
import { vaultPolicies, type VaultPolicies } from '../../src/flows/vault/policy.ts'

export default class VaultPolicy extends ForgeCommand {
  static override summary = 'Print the least policy and role that pods need of Vault.'
  static override description = `Commands of vault for each role that the annotations of rendered pods name, and for requirements.vault. \
Asks neither Vault nor the cluster.`
  static override examples = [
    '<%= config.bin %> vault policy --env prod',
    '<%= config.bin %> vault policy --env prod --for forge',
  ]
  static override flags = {
    ...projectFlags,
    ...valuesFlags,
    ...releaseFlags,
    for: Flags.option({
      options: ['pods', 'forge'] as const,
      default: 'pods',
      description: "whose: the pods', or that of forge's own token, for sources and checks",
    })(),
  }

  async run(): Promise<VaultPolicies> {
    const { flags } = await this.parse(VaultPolicy)
    const session = this.session(flags)
    const ports = projectPorts(session)
    const dir = session.dirGiven ? session.dir : undefined
    const project = await withPlainCharts(
      await loadProject(ports, { dir, env: session.env, ...givenValues(flags) }),
      ports,
    )
    const configuration = await resolveConfiguration(project, ports, { images: imagesToBe(project) })
    const found = await vaultPolicies(project, configuration, await wireRender(session))
    return closeVaultPolicy(found, session, flags.for)
  }
}
