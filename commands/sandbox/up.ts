import * as Flags from '@oclif/core/flags'
import { ForgeCommand } from '../../src/cli/forge-command.ts'
import { sandboxFlags } from '../../src/cli/sandbox-flags.ts'
import { sandboxName, wireSandbox } from '../../src/cli/wire-sandbox.ts'
import { sandboxUp, upRows, type SandboxUp } from '../../src/flows/sandbox.ts'

export default class Up extends ForgeCommand {
  static override purpose = 'writing' as const
  static override summary = 'Start a Kubernetes control plane here, without Docker.'
  static override description = `A real API server, scheduler and controllers; only the containers are simulated (docs/sandbox.md).
The first time it is built with Go, which takes some minutes; after that it is ready in seconds.`
  static override examples = [
    '<%= config.bin %> sandbox up',
    '<%= config.bin %> sandbox up --name slow --latency realistic',
    '<%= config.bin %> sandbox up --name big --nodes 10 --cpu 16 --memory 64Gi',
    '<%= config.bin %> sandbox up --name older --kubernetes 1.34',
  ]
  static override flags = {
    ...sandboxFlags,
    nodes: Flags.integer({ min: 0, max: 250, description: 'number of nodes; 0: you make them (default: 3)' }),
    cpu: Flags.string({ helpValue: 'QUANTITY', description: 'CPUs of each node (default: 8)' }),
    memory: Flags.string({ helpValue: 'QUANTITY', description: 'memory of each node (default: 16Gi)' }),
    latency: Flags.string({
      helpValue: 'instant|realistic|FILE',
      description: 'how long simulated containers take (default: instant)',
    }),
    kubernetes: Flags.string({
      helpValue: 'VERSION',
      description: 'be 1.34, 1.35 or 1.36, or tell v1.36.3-gke.1 (default: 1.37)',
    }),
  }

  async run(): Promise<SandboxUp> {
    const { flags } = await this.parse(Up)
    const { nodes, cpu, memory, latency, kubernetes } = flags
    const name = sandboxName(flags.name, process.env)
    const options = { name, nodes, cpu, memory, latency, kubernetes }
    const result = await sandboxUp(options, wireSandbox(this.session({})))
    for (const row of upRows(result)) this.printRow(row)
    return result
  }
}
