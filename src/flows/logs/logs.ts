import { duration } from '../../domain/readiness/failure.ts'
import { runsOf, type ContainerRun } from '../../domain/logs/runs.ts'
import { requireContainer, type LogsChoice } from './choice.ts'
import { findMembers, type LogsScope } from './component.ts'

export interface LogLine {
  /** `app-7d9f-x2k`, or `app-7d9f-x2k/sidecar` */
  readonly source: string
  readonly text: string
}

export interface LogsRequest extends LogsChoice {
  /** The run before the present one. */
  readonly previous: boolean
}

export interface Logs {
  readonly lines: readonly LogLine[]
  /** What there is to say where there is no log. */
  readonly note: string | undefined
}

/** `forge logs` without `-f`: the last lines of every pod of a component, pod by pod, the oldest first. */
export async function readLogs(request: LogsRequest, scope: LogsScope, signal: AbortSignal): Promise<Logs> {
  const { component, tail, sinceMs, container: only, previous, pattern } = request
  const { pods } = await findMembers(component, scope, signal)
  if (pods.length === 0) return { lines: [], note: `${component} has no pods now` }
  requireContainer(request, pods)
  const runs = pods.flatMap((pod) => runsOf(pod, only)).filter(({ restarts }) => !previous || restarts > 0)
  if (runs.length === 0) return { lines: [], note: noRuns(request) }
  const read = async ({ namespace, pod, container, source }: ContainerRun): Promise<LogLine[]> => {
    const where = { namespace, name: pod, container }
    const lines = await scope.connected.cluster.tail(where, { lines: tail, sinceMs, previous }, signal)
    return (lines ?? []).map((text) => ({ source, text }))
  }
  const logs = await Promise.all(runs.map(read))
  const all = logs.flat()
  const lines = pattern === undefined ? all : all.filter(({ text }) => pattern.matches(text))
  const cut = pattern === undefined ? 0 : logs.filter(({ length }) => length >= tail).length
  const notes = [
    ...(lines.length === 0 ? [nothing(request, all.length)] : []),
    ...(cut === 0
      ? []
      : [`${pattern?.text} was looked for in the last ${tail} lines of each container alone (--tail)`]),
  ]
  return { lines, note: notes.length === 0 ? undefined : notes.join('; ') }
}

function noRuns({ component, container, previous }: LogsRequest): string {
  const one = container === undefined ? `container of ${component}` : `container ${container} of ${component}`
  return previous ? `no ${one} was restarted` : `no ${one} has started yet`
}

function nothing({ component, sinceMs, pattern }: LogsRequest, looked: number): string {
  if (looked > 0) return `none of the ${looked} lines has ${pattern?.text}`
  return sinceMs === undefined
    ? `${component} has written nothing yet`
    : `${component} has written nothing in the last ${duration(sinceMs)}`
}
