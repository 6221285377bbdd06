import { nameOf, type KubeObject } from '../kube.ts'
import { podSpecOf } from '../manifest/references.ts'
import { isScaledToNone } from '../secrets/maker-programs.ts'
import type { Placement } from '../access/placement.ts'
import { parseReference } from './reference.ts'

interface Container {
  readonly name: string
  readonly image?: string
  readonly imagePullPolicy?: string
}

/** The part of a pod's spec that says what it pulls, as whom, and where. */
export interface PullingSpec extends Placement {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly serviceAccountName?: string
  /** Its old name. */
  readonly serviceAccount?: string
}

/** An image that the pods of an object run. */
export interface ImageUse {
  readonly object: KubeObject
  readonly spec: PullingSpec
  /** The container that runs it, the first of several. */
  readonly container: string
  readonly image: string
  readonly policy: 'Always' | 'IfNotPresent' | 'Never'
}

export function pullingSpec(object: KubeObject): PullingSpec | undefined {
  return podSpecOf(object) as PullingSpec | undefined
}

/** The ServiceAccount that its pods run as. */
export function accountOf({ serviceAccountName, serviceAccount }: PullingSpec): string {
  return [serviceAccountName, serviceAccount].find((name) => name !== undefined && name !== '') ?? 'default'
}

/** Every image of every object whose pods come, once for each object. What is no reference is somebody else's to say. */
export function imageUses(objects: readonly KubeObject[]): ImageUse[] {
  return objects
    .filter((object) => !isScaledToNone(object))
    .flatMap((object) => {
      const spec = pullingSpec(object)
      const found = new Map<string, ImageUse>()
      for (const { name, image = '', imagePullPolicy } of [
        ...(spec?.initContainers ?? []),
        ...(spec?.containers ?? []),
      ])
        if (spec !== undefined && image !== '' && !('problem' in parseReference(image.trim()))) {
          const policy = policyOf(image, imagePullPolicy)
          const before = found.get(image)
          // The one that pulls most surely.
          if (before === undefined || rank(policy) > rank(before.policy))
            found.set(image, { object, spec, container: name, image: image.trim(), policy })
        }
      return [...found.values()]
    })
}

/** As the API server fills it in (pkg/apis/core/v1/defaults.go). */
function policyOf(image: string, given: string | undefined): ImageUse['policy'] {
  if (given === 'Always' || given === 'IfNotPresent' || given === 'Never') return given
  const parsed = parseReference(image)
  const floats = !('problem' in parsed) && parsed.digest === undefined && (parsed.tag ?? 'latest') === 'latest'
  return floats ? 'Always' : 'IfNotPresent'
}

function rank(policy: ImageUse['policy']): number {
  return ['Never', 'IfNotPresent', 'Always'].indexOf(policy)
}

/**
 * The pull secrets of a pod or a ServiceAccount: what the chart states, and what somebody else has added to the live object, which stays
 * there.
 */
export function keptSecrets(
  wanted: readonly { readonly name?: string }[] | undefined,
  before: readonly { readonly name?: string }[] | undefined,
  live: readonly { readonly name?: string }[] | undefined,
): string[] {
  const [stated, previous, there] = [wanted, before, live].map((list) => (list ?? []).flatMap(({ name }) => name ?? []))
  const added = (there ?? []).filter((name) => previous?.includes(name) !== true)
  return [...new Set([...(stated ?? []), ...added])]
}

/** Images of these live objects, where their pods are all of the newest template and ready; of other kinds nobody can tell. */
export function runningUses(live: Iterable<KubeObject>): ImageUse[] {
  return imageUses([...live].filter(runsWell))
}

function runsWell({ kind, metadata: { generation = 0 }, status }: KubeObject): boolean {
  const counts = (status ?? {}) as Readonly<Record<string, unknown>>
  const count = (name: string): number => Number(counts[name] ?? 0)
  const isNew = count('observedGeneration') >= generation
  switch (kind) {
    case 'Deployment':
      return (
        isNew &&
        count('readyReplicas') > 0 &&
        count('updatedReplicas') === count('replicas') &&
        count('unavailableReplicas') === 0
      )
    case 'StatefulSet':
      return isNew && count('readyReplicas') > 0 && counts['currentRevision'] === counts['updateRevision']
    case 'DaemonSet':
      return isNew && count('numberReady') > 0 && count('updatedNumberScheduled') === count('numberReady')
    case 'Job':
      return count('succeeded') > 0
    case 'Pod':
      return ['Running', 'Succeeded'].includes(String(counts['phase']))
    default:
      return true
  }
}

/** `Deployment/web (container web)` */
export function usedBy({ object, container }: Pick<ImageUse, 'object' | 'container'>): string {
  return `${nameOf(object)} (container ${container})`
}
