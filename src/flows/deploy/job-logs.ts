import type { KubeObject } from '../../domain/kube.ts'
import type { Judge, World } from '../../domain/readiness/model.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { PodLogs } from '../../ports.ts'
import type { DeployPorts } from './context.ts'

/** How long the end of a Job waits for the last lines of its log. */
const GRACE_MS = 1000

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly name: string
    readonly state?: { readonly running?: unknown; readonly terminated?: unknown }
  }[]
}

export interface JobLogs {
  /** Looks for pods of this Job that have begun to run since the last call. */
  look(job: StageTarget): void
  /** Whether this pod's log has been shown, or is being shown. */
  has(pod: string): boolean
  /** Resolves when every log that was begun has ended, or after a moment: the last lines come a little late. */
  ended(ports: Pick<DeployPorts, 'clock' | 'signal'>): Promise<void>
}

/** The log of Jobs, line by line, each pod once. A log that cannot be had is no failure of the deploy. */
export function followJobLogs(
  { judge, world, logs }: { readonly judge: Judge; readonly world: World; readonly logs: PodLogs },
  onLine: (source: string, text: string, pod: string) => void,
  signal: AbortSignal,
): JobLogs {
  const begun = new Map<string, Promise<void>>()
  const read = async (source: string, pod: KubeObject, container: string): Promise<void> => {
    const { name, namespace = '' } = pod.metadata
    try {
      for await (const line of logs.follow({ namespace, name, container }, signal)) onLine(source, line, name)
    } catch {
      // The pod went, or its log may not be read: the verdict does not rest on it.
    }
  }
  return {
    look(job) {
      const place = job.namespace === undefined ? {} : { namespace: job.namespace }
      // What was there before this deploy has been read before.
      for (const { name } of judge.podsOf(job).filter(({ created }) => created)) {
        const pod = world.get({ apiVersion: 'v1', kind: 'Pod', name, ...place })
        const container = pod === undefined ? undefined : startedContainer(pod)
        if (pod !== undefined && container !== undefined && !begun.has(name))
          begun.set(name, read(job.label ?? job.name, pod, container))
      }
    },
    has: (pod) => begun.has(pod),
    async ended({ clock, signal: until }) {
      const over = new AbortController()
      const late = clock.after(GRACE_MS, AbortSignal.any([until, over.signal])).catch(() => undefined)
      await Promise.race([Promise.all(begun.values()), late])
      // A timer that nobody waits for any more would keep the process alive for as long.
      over.abort()
    },
  }
}

function startedContainer({ status }: KubeObject): string | undefined {
  const { containerStatuses = [] } = (status ?? {}) as PodStatus
  return containerStatuses.find(({ state }) => state?.running !== undefined || state?.terminated !== undefined)?.name
}
