import type { KubeObject } from '../../domain/kube.ts'
import { runsOf, type ContainerRun } from '../../domain/logs/runs.ts'
import type { ClusterWatcher } from '../../ports.ts'
import { requireContainer, type LogsChoice } from './choice.ts'
import { findMembers, type LogsScope } from './component.ts'
import type { LogLine } from './logs.ts'
import { expected } from '../../expected.ts'

export type FollowScope = LogsScope & { readonly connected: { readonly cluster: ClusterWatcher } }

export interface Listener {
  readonly line: (line: LogLine) => void
  /** A run begins, a pod goes: for people. */
  readonly note: (text: string) => void
}

/**
 * `forge logs -f`: every run of every container of a component, those of new pods too, until the signal aborts. A watch
 * of the pods tells what there is to read; nothing is polled.
 */
export async function followLogs(
  choice: LogsChoice,
  scope: FollowScope,
  { line, note }: Listener,
  signal: AbortSignal,
): Promise<void> {
  const { cluster } = scope.connected
  const { component, tail, sinceMs, container: only, pattern } = choice
  const { pods, isMember, namespaces } = await findMembers(component, scope, signal)
  requireContainer(choice, pods)
  const begun = new Set<string>()
  const read = async (
    { namespace, pod, container, source }: ContainerRun,
    earlier: { readonly lines?: number; readonly sinceMs?: number | undefined },
  ): Promise<void> => {
    const where = { namespace, name: pod, container }
    try {
      for await (const text of cluster.follow(where, signal, earlier))
        if (pattern === undefined || pattern.matches(text)) line({ source, text })
    } catch (error) {
      const { message } = expected(error)
      if (!signal.aborted) note(`${source}: its log cannot be read: ${message}`)
    }
  }
  const broken = new AbortController()
  const begin = (pod: KubeObject, initial: boolean): void => {
    for (const run of runsOf(pod, only).filter(({ key }) => !begun.has(key))) {
      begun.add(run.key)
      if (!initial) note(`${run.source} ${run.restarts === 0 ? 'began' : `began again (restart ${run.restarts})`}`)
      read(run, initial ? { lines: tail, sinceMs } : {}).catch((error: unknown) => broken.abort(error))
    }
  }
  const kinds = namespaces.map((namespace) => ({ apiVersion: 'v1', kind: 'Pod', namespace }))
  for await (const { initial, events } of cluster.watch(
    kinds,
    scope.namespace,
    AbortSignal.any([signal, broken.signal]),
  )) {
    for (const { type, object } of events.filter((event) => isMember(event.object))) {
      if (type === 'set') begin(object, initial)
      else note(`${object.metadata.name} is gone`)
    }
    if (initial && begun.size === 0)
      note(`${component} has no running container ${only === undefined ? '' : `${only} `}yet; waiting`)
  }
}
