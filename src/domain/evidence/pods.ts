import { keyOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'

interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly state?: {
    readonly waiting?: object
    readonly running?: object
    readonly terminated?: { readonly exitCode?: number }
  }
  readonly lastState?: { readonly terminated?: object }
}

interface PodFields {
  readonly spec?: {
    readonly initContainers?: readonly { readonly name: string }[]
    readonly containers?: readonly { readonly name: string }[]
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

/** The objects that failed, as they are in the snapshot, with all that they own, directly or not. */
export function familyOf(
  failing: readonly ObjectRef[],
  objects: readonly KubeObject[],
): { roots: KubeObject[]; owned: KubeObject[] } {
  const wanted = new Set(failing.map(keyOf))
  const roots = objects.filter((object) => wanted.has(keyOf(object)))
  const byOwner = Map.groupBy(
    objects.flatMap((object) => (object.metadata.ownerReferences ?? []).map(({ uid }) => ({ uid, object }))),
    ({ uid }) => uid,
  )
  const owned = new Map<string, KubeObject>()
  const walk = ({ metadata: { uid } }: KubeObject): void => {
    for (const { object } of byOwner.get(uid ?? '') ?? []) {
      const key = keyOf(refOf(object))
      if (owned.has(key)) continue
      owned.set(key, object)
      walk(object)
    }
  }
  roots.forEach(walk)
  return { roots, owned: [...owned.values()] }
}

/** Pods that are not ready, the newest first; all of them when every one is ready (then something else failed). */
export function failingPods(objects: readonly KubeObject[]): KubeObject[] {
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  const broken = pods.filter((pod) => !isHealthy(pod))
  return (broken.length > 0 ? broken : pods).sort((a, b) => createdAt(b).localeCompare(createdAt(a)))
}

export interface LogSource {
  readonly container: string
  /** The log of the run before the present one. */
  readonly previous: boolean
}

/** Which logs a pod has: of every container that ever ran, and of the run before where it was restarted. Broken ones first. */
export function logSources(pod: KubeObject): { sources: LogSource[]; never: string[] } {
  const { spec, status } = pod as PodFields
  const names = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name)
  const statuses = new Map(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map((one) => [one.name, one]),
  )
  const started = names.filter((name) => hasRun(statuses.get(name)))
  const ordered = started.sort((a, b) => Number(isBroken(statuses.get(b))) - Number(isBroken(statuses.get(a))))
  return {
    sources: ordered.flatMap((container) => [
      { container, previous: false },
      ...((statuses.get(container)?.restartCount ?? 0) > 0 ? [{ container, previous: true }] : []),
    ]),
    never: names.filter((name) => !hasRun(statuses.get(name))),
  }
}

export function claimsOf(pod: KubeObject): string[] {
  const { spec } = pod as PodFields
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim?.claimName === undefined ? [] : [claim.claimName],
  )
}

function isHealthy(pod: KubeObject): boolean {
  const { status } = pod as PodFields
  return (
    status?.phase === 'Succeeded' ||
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  )
}

/** A container that only waits has no log, unless it ran before. */
function hasRun(status: ContainerStatus | undefined): boolean {
  if (status === undefined) return false
  return (
    status.state?.running !== undefined ||
    status.state?.terminated !== undefined ||
    status.lastState?.terminated !== undefined
  )
}

function isBroken(status: ContainerStatus | undefined): boolean {
  const exit = status?.state?.terminated?.exitCode
  if (exit !== undefined) return exit !== 0
  return status?.ready !== true
}

function createdAt({ metadata }: KubeObject): string {
  return metadata.creationTimestamp ?? ''
}
