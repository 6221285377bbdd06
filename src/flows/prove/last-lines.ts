import type { StageFailure } from '../follow.ts'
import { within } from '../state/within.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { expected } from '../../expected.ts'
import { learnKept } from './kept-secrets.ts'

const LOG_LINES = 6
/** A kubelet that does not answer must not hold up the rollback. */
const LOG_MS = 3000

/** The last lines of the failing container's log, redacted; where it cannot be read, the verdict has none. */
export async function lastLines(
  { failure }: StageFailure,
  context: Pick<Followed, 'cluster' | 'project' | 'heard' | 'keptSecrets'>,
  ports: Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>,
): Promise<string[]> {
  const { pod } = failure
  const { cluster, project, heard } = context
  const { clock, signal, redactor } = ports
  const known = heardOf(failure, heard)
  if (known.length > 0) return known.slice(-LOG_LINES)
  if (pod === undefined) return []
  try {
    await learnKept(context, ports)
    const { namespace = project.environment.namespace, name, container } = pod
    const where = { namespace, name, container }
    const options = { lines: LOG_LINES, previous: pod.previous }
    const lines = await within(clock, LOG_MS, signal, async (until) => await cluster.tail(where, options, until))
    return (lines ?? []).map((line) => redactor.text(line))
  } catch (error) {
    expected(error)
    return []
  }
}

/** A pod that is gone is named in the chain only; its log may have been heard before. */
function heardOf({ pod, pods, chain }: StageFailure['failure'], { jobs }: Followed['heard']): string[] {
  const name = pod?.name ?? pods?.[0]
  const container = pod?.container ?? chain.at(-1)
  const lines = name === undefined ? [] : (jobs.get(name) ?? [])
  return lines.filter((line) => line.container === container || line.container === '').map(({ text }) => text)
}
