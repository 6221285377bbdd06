import * as Flags from '@oclif/core/flags'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { kubeconfigOf, sandboxName, sandboxState } from '../../src/cli/wire-sandbox.ts'
import { contextOf } from '../../src/flows/sandbox.ts'

export default class Kubeconfig extends ForgeCommand {
  static override summary = 'Print the kubeconfig of a sandbox that runs.'
  static override description = 'Its reader is an administrator of the sandbox.'
  static override examples = [
    '<%= config.bin %> sandbox kubeconfig > sandbox.kubeconfig',
    'kubectl --kubeconfig "$(<%= config.bin %> sandbox kubeconfig --path)" get pods -A',
  ]
  static override flags = { ...sandboxFlags, path: Flags.boolean({ description: 'print where the file is instead' }) }

  async run(): Promise<{ readonly path: string; readonly context: string; readonly server: string }> {
    const { flags } = await this.parse(Kubeconfig)
    const { name, kubeconfig, server } = await sandboxState(sandboxName(flags.name, process.env))
    this.print(flags.path ? kubeconfig : (await kubeconfigOf(kubeconfig)).trimEnd())
    return { path: kubeconfig, context: contextOf(name), server }
  }
}
