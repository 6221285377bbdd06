import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { containerStatusesOf, lastEnd, type ContainerStatus } from '../../domain/readiness/shapes.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { StageFailure } from '../follow.ts'
import type { StepReport } from '../step.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessItFails } from '../../expected.ts'
import { tailOf } from './last-lines.ts'

export interface CrashLogs {
  /** Whether the log of the container that this failure points at has been shown. */
  shows(failed: StageFailure): boolean
  /** Looks no further; resolves when what was asked for is shown, so that no line comes after the verdict. */
  close(): Promise<void>
}

/**
 * What a container said last before it crashed, once per container of a workload, while its stage still waits: whoever
 * watches need not wait for the verdict. Jobs are left out, because their logs are streamed.
 */
export function showCrashes(
  name: string,
  context: Pick<Followed, 'cluster' | 'project' | 'keptSecrets' | 'stages' | 'follower' | 'unchanged'>,
  ports: Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>,
  report: StepReport,
): CrashLogs {
  const { stages, follower, unchanged } = context
  const targets = stages.find((stage) => stage.name === name)?.targets.filter(({ kind }) => kind !== 'Job') ?? []
  const known = new Set<string>()
  const asked: Promise<unknown>[] = []
  let closed = false
  const show = async (pod: KubeObject, { name: container, state }: ContainerStatus): Promise<void> => {
    const { name: podName, namespace = '' } = pod.metadata
    const where = { namespace, name: podName, container, previous: state?.terminated === undefined }
    for (const line of await tailOf(where, context, ports)) report.line(podName, line)
  }
  const look = (target: StageTarget): void => {
    if (closed || unchanged) return
    for (const pod of crashedPods(target, follower)) {
      for (const status of containerStatusesOf(pod).filter(hasCrashed)) {
        const key = keyIn(target, status.name)
        if (known.has(key)) continue
        known.add(key)
        // A log that cannot be had is no failure of the deploy; the verdict is told later, with what there is then.
        const shown = unlessItFails(show(pod, status), () => known.delete(key))
        shown.catch(() => undefined)
        asked.push(shown)
      }
    }
  }
  follower.onTouch(targets, look)
  return {
    shows: ({ target, failure: { pod } }) => pod !== undefined && known.has(keyIn(target, pod.container)),
    async close() {
      closed = true
      await Promise.all(asked)
    },
  }
}

/** Pods that this deploy has made. */
function crashedPods(target: StageTarget, follower: Followed['follower']): KubeObject[] {
  const { judge, cache } = follower
  const within = target.namespace === undefined ? {} : { namespace: target.namespace }
  return judge
    .podsOf(target)
    .filter(({ created, old }) => created && !old)
    .flatMap(({ name }) => cache.get({ apiVersion: 'v1', kind: 'Pod', name, ...within }) ?? [])
}

function hasCrashed(status: ContainerStatus): boolean {
  const end = lastEnd(status)
  return end !== undefined && end.exitCode !== 0
}

function keyIn(target: StageFailure['target'], container: string): string {
  return `${keyOf(target)}/${container}`
}
