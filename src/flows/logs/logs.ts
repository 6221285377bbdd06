import { runsOf, type ContainerRun } from '../../domain/logs/runs.ts'
import { findMembers, type LogsScope } from './component.ts'

export interface LogLine {
  /** `app-7d9f-x2k`, or `app-7d9f-x2k/sidecar` */
  readonly source: string
  readonly text: string
}

export interface LogsRequest {
  readonly component: string
  /** Lines of each container. */
  readonly tail: number
  /** The run before the present one. */
  readonly previous: boolean
}

export interface Logs {
  readonly lines: readonly LogLine[]
  /** What there is to say where there is no log. */
  readonly note: string | undefined
}

/** `forge logs` without `-f`: the last lines of every pod of a component, pod by pod, the oldest first. */
export async function readLogs(
  { component, tail, previous }: LogsRequest,
  scope: LogsScope,
  signal: AbortSignal,
): Promise<Logs> {
  const { pods } = await findMembers(component, scope, signal)
  if (pods.length === 0) return { lines: [], note: `${component} has no pods now` }
  const runs = pods.flatMap(runsOf).filter(({ restarts }) => !previous || restarts > 0)
  if (runs.length === 0) return { lines: [], note: noRuns(component, previous) }
  const read = async ({ namespace, pod, container, source }: ContainerRun): Promise<LogLine[]> => {
    const where = { namespace, name: pod, container }
    const lines = await scope.connected.cluster.tail(where, { lines: tail, previous }, signal)
    return (lines ?? []).map((text) => ({ source, text }))
  }
  const lines = (await Promise.all(runs.map(read))).flat()
  return { lines, note: lines.length === 0 ? `${component} has written nothing yet` : undefined }
}

function noRuns(component: string, previous: boolean): string {
  return previous ? `no container of ${component} was restarted` : `no container of ${component} has started yet`
}
