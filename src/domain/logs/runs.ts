import type { KubeObject } from '../kube.ts'
import { podSpecOf, podStatusOf, type ContainerStatus } from '../readiness/shapes.ts'

/** One run of one container: what a log belongs to. */
export interface ContainerRun {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** What stands before its lines: the pod, and the container where the pod has several. */
  readonly source: string
  /** Restarts before this run; with the pod's uid it tells runs apart. */
  readonly restarts: number
  /** Differs for every run of every pod, also of one that is made anew under the same name. */
  readonly key: string
}

/**
 * The runs of a pod that have a log, newest of each container. Init containers speak only as long as nothing else of the
 * pod has run: then they are what holds it back. `only`: the container of this name, of whichever sort it is.
 */
export function runsOf(pod: KubeObject, only?: string): ContainerRun[] {
  const { containerStatuses = [], initContainerStatuses = [] } = podStatusOf(pod)
  const started = containerStatuses.filter(hasRun)
  const spoken = started.length > 0 ? started : initContainerStatuses.filter(hasRun)
  const told =
    only === undefined
      ? spoken
      : [...containerStatuses, ...initContainerStatuses].filter((one) => hasRun(one) && one.name === only)
  const { name, namespace = '', uid = name } = pod.metadata
  const several = (podSpecOf(pod).containers ?? []).length > 1 || told.some((one) => !containerStatuses.includes(one))
  return told.map(({ name: container, restartCount: restarts = 0 }) => ({
    namespace,
    pod: name,
    container,
    source: several ? `${name}/${container}` : name,
    restarts,
    key: `${uid}/${container}/${restarts}`,
  }))
}

function hasRun({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined
}

/** The names of a pod's containers, those that do its work first. */
export function containersOf(pod: KubeObject): string[] {
  const { containers = [], initContainers = [] } = podSpecOf(pod)
  return [...containers, ...initContainers].map(({ name }) => name)
}
