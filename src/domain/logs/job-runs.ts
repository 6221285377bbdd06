import type { KubeObject } from '../kube.ts'
import { containerStatusesOf, lastEnd, podSpecOf, type ContainerStatus } from '../readiness/shapes.ts'
import { hasEnded } from '../pod-phase.ts'

/** One run of a container whose log tells how a Job gets on: each is read once. */
export interface JobRun {
  readonly key: string
  readonly container: string
  /** The container that does the work; another one is worth reading when it fails. */
  readonly isMain: boolean
  readonly isOver: boolean
}

/** What has started in a pod of a Job: its first container, and whichever other one has failed. */
export function jobRuns(pod: KubeObject): JobRun[] {
  const main = podSpecOf(pod).containers?.[0]?.name
  const isEnded = hasEnded(pod)
  return containerStatusesOf(pod)
    .filter((status) => hasStarted(status) && (status.name === main || hasFailed(status)))
    .map(({ name, restartCount = 0, state }) => ({
      key: `${pod.metadata.name}/${name}/${restartCount}`,
      container: name,
      isMain: name === main,
      isOver: isEnded || state?.terminated !== undefined,
    }))
}

function hasStarted({ state }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined
}

function hasFailed(status: ContainerStatus): boolean {
  const end = lastEnd(status)
  return end !== undefined && end.exitCode !== 0
}
