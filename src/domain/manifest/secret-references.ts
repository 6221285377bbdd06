import { nameOf, type KubeObject } from '../kube.ts'

/** A Secret that a rendered pod needs; `keys` undefined: all of them (a whole volume, envFrom). */
export interface SecretReference {
  readonly secret: string
  readonly keys: readonly string[] | undefined
  readonly by: string
}

export interface PodSpec {
  readonly volumes?: readonly {
    readonly secret?: {
      readonly secretName?: string
      readonly optional?: boolean
      readonly items?: readonly { readonly key: string }[]
    }
    readonly projected?: {
      readonly sources?: readonly {
        readonly secret?: {
          readonly name: string
          readonly optional?: boolean
          readonly items?: readonly { readonly key: string }[]
        }
      }[]
    }
    readonly name: string
  }[]
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
}

interface Container {
  readonly image?: string
  readonly env?: readonly {
    readonly valueFrom?: {
      readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean }
    }
  }[]
  readonly envFrom?: readonly { readonly secretRef?: { readonly name: string; readonly optional?: boolean } }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly subPath?: string }[]
}

/** Every Secret key without which a pod of this object cannot start; optional references are left out. */
export function secretReferences(object: KubeObject): SecretReference[] {
  const spec = podSpecOf(object)
  if (spec === undefined) return []
  const by = nameOf(object)
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const found: Omit<SecretReference, 'by'>[] = [
    ...containers.flatMap(({ env = [], envFrom = [] }) => [
      ...env.flatMap(({ valueFrom }) =>
        required(valueFrom?.secretKeyRef).map(({ name, key }) => ({ secret: name, keys: [key] })),
      ),
      ...envFrom.flatMap(({ secretRef }) => required(secretRef).map(({ name }) => ({ secret: name, keys: undefined }))),
    ]),
    ...(spec.volumes ?? []).flatMap((volume) => volumeReferences(volume, containers)),
  ]
  return found.map((reference) => ({ ...reference, by }))
}

type Volume = NonNullable<PodSpec['volumes']>[number]

function volumeReferences(
  { name, secret, projected }: Volume,
  containers: readonly Container[],
): Omit<SecretReference, 'by'>[] {
  const mounted = mountedKeys(name, containers)
  const own = required(secret).flatMap(({ secretName, items }) =>
    secretName === undefined ? [] : [{ secret: secretName, keys: items?.map(({ key }) => key) ?? mounted }],
  )
  const sources = (projected?.sources ?? []).flatMap((source) => required(source.secret))
  return [...own, ...sources.map((source) => ({ secret: source.name, keys: source.items?.map(({ key }) => key) }))]
}

/** With subPath mounts alone, only these files are used; one mount of the whole volume uses them all. */
function mountedKeys(volume: string, containers: readonly Container[]): string[] | undefined {
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.filter(({ name }) => name === volume))
  const paths = mounts.flatMap(({ subPath }) => (subPath === undefined ? [] : [subPath]))
  return paths.length > 0 && paths.length === mounts.length ? [...new Set(paths)] : undefined
}

function required<T extends { readonly optional?: boolean }>(reference: T | undefined): T[] {
  return reference === undefined || reference.optional === true ? [] : [reference]
}

/** What the pods of a workload, a Job or a CronJob are made of. */
export function podSpecOf({ kind, spec }: KubeObject): PodSpec | undefined {
  const inner = spec as
    { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } } | undefined
  if (kind === 'Pod') return inner as PodSpec | undefined
  return kind === 'CronJob' ? inner?.jobTemplate?.spec?.template?.spec : inner?.template?.spec
}
