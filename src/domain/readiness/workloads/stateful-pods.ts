import type { KubeObject } from '../../kube.ts'
import { conditionOf } from '../conditions.ts'
import {
  containerStatusesOf,
  isPodReady,
  isTerminating,
  podSpecOf,
  podStatusOf,
  restartsOf,
  specOf,
  statusOf,
  templateOf,
  type PodSpec,
} from '../shapes.ts'

const REVISION_LABEL = 'controller-revision-hash'

/** Among the pods that follow the template: not above the count that is wanted, and not held back by the partition. */
export function isUpdated(pod: KubeObject, set: KubeObject): boolean {
  const { replicas = 1, ordinals, updateStrategy } = specOf(set)
  const at = ordinalOf(pod) - (ordinals?.start ?? 0)
  return at >= (updateStrategy?.rollingUpdate?.partition ?? 0) && at < replicas
}

/** Made from the template that the StatefulSet has now, and with the claims that it asks for. */
export function isOfRevision(pod: KubeObject, set: KubeObject): boolean {
  return pod.metadata.labels?.[REVISION_LABEL] === statusOf(set).updateRevision && hasItsVolumes(pod, set)
}

/**
 * Claim templates are no part of a revision, and no pod can be given another volume: one that a StatefulSet has taken over from
 * another of its name may lack its claims, and no controller ever replaces it (pkg/controller/statefulset, storageMatches).
 */
export function hasItsVolumes(pod: KubeObject, set: KubeObject): boolean {
  const { volumeClaimTemplates } = (set['spec'] ?? {}) as Readonly<Record<string, unknown>>
  const own = claimNames(volumeClaimTemplates).map((name) => [name, `${name}-${pod.metadata.name}`] as const)
  const wanted = new Map([...claimsOf(templateOf(set)), ...own])
  const has = claimsOf(podSpecOf(pod))
  return has.size === wanted.size && [...wanted].every(([name, claim]) => has.get(name) === claim)
}

function claimNames(templates: unknown): string[] {
  const list = Array.isArray(templates) ? (templates as readonly ({ metadata?: { name?: unknown } } | null)[]) : []
  return list.flatMap((one) => (typeof one?.metadata?.name === 'string' ? [one.metadata.name] : []))
}

function claimsOf({ volumes = [] }: PodSpec): Map<string, string> {
  return new Map(
    volumes.flatMap(({ name, persistentVolumeClaim: claim }) => (claim === undefined ? [] : [[name, claim.claimName]])),
  )
}

/**
 * The one pod that must be deleted so that its StatefulSet can go on, because its controller waits for ever: for a broken pod of
 * a revision that has been left (with OrderedReady; Kubernetes calls it forced rollback,
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback), or before a pod without its
 * volumes. Of the latter the lowest goes first: the controller makes no other one before that fits. `isBack`: what is left is known to
 * be bad, so a pod of it need not be seen to break.
 */
export function podInTheWay(
  set: KubeObject,
  pods: readonly KubeObject[],
  { isBack }: { readonly isBack: boolean },
): KubeObject | undefined {
  const { updateStrategy } = specOf(set)
  const { observedGeneration = 0, updateRevision } = statusOf(set)
  const isKnown = updateRevision !== undefined && observedGeneration >= (set.metadata.generation ?? 0)
  if (updateStrategy?.type === 'OnDelete' || !isKnown || pods.some(isTerminating)) return undefined
  const left = pods.filter((pod) => isUpdated(pod, set) && !isOfRevision(pod, set))
  const broken = left.filter((pod) => !isPodReady(pod) && (isBack || isBroken(pod))).sort(byOrdinal)
  if (broken.length > 0) return broken.at(-1)
  if (!pods.every(isPodReady)) return undefined
  return left.filter((pod) => !hasItsVolumes(pod, set)).sort(byOrdinal)[0]
}

const STARTING = ['ContainerCreating', 'PodInitializing']

/** Not merely slow: a container waits for an error to pass, or has ended before, or no node takes it. */
function isBroken(pod: KubeObject): boolean {
  const { conditions, phase } = podStatusOf(pod)
  const waits = containerStatusesOf(pod).flatMap(({ state }) => state?.waiting?.reason ?? [])
  const isUnscheduled = conditionOf(conditions, 'PodScheduled')?.status === 'False'
  return (
    phase === 'Failed' || isUnscheduled || restartsOf(pod) > 0 || waits.some((reason) => !STARTING.includes(reason))
  )
}

function byOrdinal(one: KubeObject, other: KubeObject): number {
  return ordinalOf(one) - ordinalOf(other)
}

function ordinalOf({ metadata: { name } }: KubeObject): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}
