import type { PodPointer } from '../../domain/readiness/model.ts'
import type { StageFailure } from '../follow.ts'
import { within } from '../state/within.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { expected } from '../../expected.ts'
import { learnKept } from './kept-secrets.ts'

const LOG_LINES = 6
/** A kubelet that does not answer must hold up neither the verdict nor the rollback. */
const LOG_MS = 3000

type Context = Pick<Followed, 'cluster' | 'project' | 'keptSecrets'>
type Ports = Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>

/** The last lines of the failing container's log, redacted; where it cannot be read, the verdict has none. */
export async function lastLines(
  { failure }: StageFailure,
  context: Context & Pick<Followed, 'heard'>,
  ports: Ports,
): Promise<string[]> {
  const { pod } = failure
  const known = heardOf(failure, context.heard)
  if (known.length > 0) return known.slice(-LOG_LINES)
  if (pod === undefined) return []
  try {
    return await tailOf({ namespace: context.project.environment.namespace, ...pod }, context, ports)
  } catch (error) {
    expected(error)
    return []
  }
}

/** As the cluster has them. */
export async function tailOf(
  { name, namespace, container, previous }: Required<PodPointer>,
  context: Context,
  ports: Ports,
  count = LOG_LINES,
): Promise<string[]> {
  await learnKept(context, ports)
  const { clock, signal, redactor } = ports
  const [where, options] = [
    { namespace, name, container },
    { lines: count, previous },
  ]
  const lines = await within(clock, LOG_MS, signal, async (until) => await context.cluster.tail(where, options, until))
  return (lines ?? []).map((line) => redactor.text(line))
}

/** A pod that is gone is named in the chain only; its log may have been heard before. */
function heardOf({ pod, pods, chain }: StageFailure['failure'], { jobs }: Followed['heard']): string[] {
  const name = pod?.name ?? pods?.[0]
  const container = pod?.container ?? chain.at(-1)
  const lines = name === undefined ? [] : (jobs.get(name) ?? [])
  return lines.filter((line) => line.container === container || line.container === '').map(({ text }) => text)
}
