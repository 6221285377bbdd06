import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { podSpecOf } from '../manifest/references.ts'

interface PodSpec {
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName?: string }
  }[]
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

interface Container {
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
}

interface SetSpec {
  readonly replicas?: number
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
}

/** The claims that a workload's pods mount, by the place at which they find them. A set's own are told by its first pod. */
export function mountedClaims(workload: KubeObject): ReadonlyMap<string, string> {
  const spec = podSpecOf(workload) as PodSpec | undefined
  if (spec === undefined) return new Map()
  const claims = new Map(
    (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim }) => {
      const claim = persistentVolumeClaim?.claimName
      return claim === undefined ? [] : [[name, claim] as const]
    }),
  )
  for (const name of templatesOf(workload)) claims.set(name, `${name}-${workload.metadata.name}-0`)
  const mounts = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap((one) => one.volumeMounts ?? [])
  return new Map(
    mounts.flatMap(({ name, mountPath, subPath = '' }) => {
      const claim = claims.get(name)
      return claim === undefined ? [] : [[`${mountPath}${subPath === '' ? '' : ` (${subPath})`}`, claim] as const]
    }),
  )
}

/** All claims that its pods ask for, mounted or not. */
export function claimsOf(workload: KubeObject): ReadonlySet<string> {
  const spec = podSpecOf(workload) as PodSpec | undefined
  const named = (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
  const { replicas = 1 } = (workload['spec'] ?? {}) as SetSpec
  const made = templatesOf(workload).flatMap((name) =>
    Array.from({ length: replicas }, (_, at) => `${name}-${workload.metadata.name}-${at}`),
  )
  return new Set([...named, ...made])
}

function templatesOf(workload: KubeObject): string[] {
  if (workload.kind !== 'StatefulSet' || !isMap(workload['spec'])) return []
  const { volumeClaimTemplates = [] } = workload['spec'] as SetSpec
  return volumeClaimTemplates.map(({ metadata }) => metadata.name)
}
