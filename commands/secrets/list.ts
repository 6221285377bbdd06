import { clusterFlags, ForgeCommand, projectFlags } from '../../src/cli/forge-command.ts'
import { projectFor } from '../../src/cli/wire-project.ts'
import { wireList } from '../../src/cli/wire-secrets.ts'
import { homeRows, listRows, type ListedHome, type ListedSecret } from '../../src/flows/show.ts'
import { listSecrets } from '../../src/flows/secrets-list.ts'

interface ListDocument {
  readonly environment: string
  readonly namespace: string
  readonly secrets: readonly ListedSecret[]
  /** Those that live in Vault. Left out where there are none. */
  readonly vault?: readonly ListedHome[]
}

export default class ListSecrets extends ForgeCommand {
  static override summary = 'Show keys, their ages, and who runs which revision.'
  static override examples = [
    '<%= config.bin %> secrets list --env prod',
    '<%= config.bin %> secrets list --env prod --json',
  ]
  static override flags = { ...projectFlags, ...clusterFlags }

  async run(): Promise<ListDocument> {
    const { flags } = await this.parse(ListSecrets)
    const session = this.session(flags)
    const project = await projectFor(session)
    const { secrets, vault } = await listSecrets(project, await wireList(project, session), session.redactor)
    for (const row of [...listRows(secrets, Date.now()), ...homeRows(vault, Date.now())]) this.printRow(row)
    const { name: environment, namespace } = project.environment
    return { environment, namespace, secrets, ...(vault.length === 0 ? {} : { vault }) }
  }
}
