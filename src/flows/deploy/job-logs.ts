import type { KubeObject } from '../../domain/kube.ts'
import type { Judge, World } from '../../domain/readiness/model.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { PodLogs } from '../../ports.ts'

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly name: string
    readonly state?: { readonly running?: unknown; readonly terminated?: unknown }
  }[]
}

export interface JobLogs {
  /** Looks for pods of the Jobs that have begun to run since the last call. */
  update(): void
  /** Resolves when every log that was begun has ended. */
  ended(): Promise<void>
}

/** The log of a stage's Jobs, line by line, each pod once. A log that cannot be had is no failure of the deploy. */
export function followJobLogs(
  { judge, world, logs }: { readonly judge: Judge; readonly world: World; readonly logs: PodLogs },
  jobs: readonly StageTarget[],
  onLine: (source: string, text: string) => void,
  signal: AbortSignal,
): JobLogs {
  const begun = new Map<string, Promise<void>>()
  const read = async (source: string, pod: KubeObject, container: string): Promise<void> => {
    const { name, namespace = '' } = pod.metadata
    try {
      for await (const line of logs.follow({ namespace, name, container }, signal)) onLine(source, line)
    } catch {
      // The pod went, or its log may not be read: the verdict does not rest on it.
    }
  }
  return {
    update() {
      for (const job of jobs) {
        for (const { name } of judge.podsOf(job)) {
          const pod = world.get({
            apiVersion: 'v1',
            kind: 'Pod',
            name,
            ...(job.namespace === undefined ? {} : { namespace: job.namespace }),
          })
          const container = pod === undefined ? undefined : startedContainer(pod)
          if (pod !== undefined && container !== undefined && !begun.has(name))
            begun.set(name, read(job.label ?? job.name, pod, container))
        }
      }
    },
    async ended() {
      await Promise.all(begun.values())
    },
  }
}

function startedContainer({ status }: KubeObject): string | undefined {
  const { containerStatuses = [] } = (status ?? {}) as PodStatus
  return containerStatuses.find(({ state }) => state?.running !== undefined || state?.terminated !== undefined)?.name
}
