import type { KubeObject } from '../kube.ts'

/** A ConfigMap or Secret that the pods of an object refer to. Keys undefined: all of them. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  /** The pod starts without it. */
  readonly optional: boolean
  /** Keys without which a pod does not start. */
  readonly needs: readonly string[] | undefined
  /** Keys that its containers get to see. */
  readonly uses: readonly string[] | undefined
}

interface Item {
  readonly key: string
  readonly path?: string
}

interface VolumeSource {
  readonly name?: string
  readonly secretName?: string
  readonly optional?: boolean
  readonly items?: readonly Item[]
}

interface Volume {
  readonly name: string
  readonly configMap?: VolumeSource
  readonly secret?: VolumeSource
  readonly persistentVolumeClaim?: { readonly claimName?: string }
  readonly projected?: {
    readonly sources?: readonly { readonly configMap?: VolumeSource; readonly secret?: VolumeSource }[]
  }
}

interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

interface ObjectRef {
  readonly name: string
  readonly optional?: boolean
}

interface Mount {
  readonly name: string
  readonly subPath?: string
  readonly subPathExpr?: string
}

interface Container {
  readonly image?: string
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: KeyRef; readonly secretKeyRef?: KeyRef }
  }[]
  readonly envFrom?: readonly { readonly configMapRef?: ObjectRef; readonly secretRef?: ObjectRef }[]
  readonly volumeMounts?: readonly Mount[]
}

export interface PodSpec {
  readonly volumes?: readonly Volume[]
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

/** Everything that the pods of this object take from ConfigMaps and Secrets, one entry per place that says so. */
export function references(object: KubeObject): Reference[] {
  const spec = podSpecOf(object)
  if (spec === undefined) return []
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return [
    ...containers.flatMap(variables),
    ...(spec.volumes ?? []).flatMap((volume) =>
      sourcesOf(volume).map((source) => mounted(source, pathsOf(volume.name, containers))),
    ),
  ]
}

/** What the containers see, by object: `keys` undefined when one place takes all of them. What no container mounts is left out. */
export function consumed(object: KubeObject): Pick<Reference, 'kind' | 'name' | 'uses'>[] {
  const byObject = Map.groupBy(
    references(object).filter(({ uses }) => uses === undefined || uses.length > 0),
    ({ kind, name }) => `${kind}/${name}`,
  )
  return [...byObject.values()].flatMap((places) => {
    const [first] = places
    if (first === undefined) return []
    const keys = places.flatMap(({ uses }) => uses ?? [])
    const all = places.some(({ uses }) => uses === undefined)
    return [{ kind: first.kind, name: first.name, uses: all ? undefined : [...new Set(keys)].sort() }]
  })
}

function variables({ env = [], envFrom = [] }: Container): Reference[] {
  const key = (kind: Reference['kind'], ref: KeyRef | undefined): Reference[] =>
    ref === undefined
      ? []
      : [{ kind, name: ref.name, optional: ref.optional === true, needs: [ref.key], uses: [ref.key] }]
  const all = (kind: Reference['kind'], ref: ObjectRef | undefined): Reference[] =>
    ref === undefined
      ? []
      : [{ kind, name: ref.name, optional: ref.optional === true, needs: undefined, uses: undefined }]
  return [
    ...env.flatMap(({ valueFrom }) => [
      ...key('ConfigMap', valueFrom?.configMapKeyRef),
      ...key('Secret', valueFrom?.secretKeyRef),
    ]),
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [
      ...all('ConfigMap', configMapRef),
      ...all('Secret', secretRef),
    ]),
  ]
}

interface NamedSource {
  readonly kind: Reference['kind']
  readonly name: string
  readonly optional: boolean
  readonly items: readonly Item[] | undefined
}

function sourcesOf({ configMap, secret, projected }: Volume): NamedSource[] {
  const one = (kind: Reference['kind'], source: VolumeSource | undefined): NamedSource[] => {
    const name = source?.name ?? source?.secretName
    return source === undefined || name === undefined
      ? []
      : [{ kind, name, optional: source.optional === true, items: source.items }]
  }
  return [
    ...one('ConfigMap', configMap),
    ...one('Secret', secret),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...one('ConfigMap', source.configMap),
      ...one('Secret', source.secret),
    ]),
  ]
}

/** Undefined: some container mounts the whole volume. Else the paths within it that are mounted; none: nobody mounts it. */
function pathsOf(volume: string, containers: readonly Container[]): string[] | undefined {
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.filter(({ name }) => name === volume))
  const paths = mounts.map(({ subPath, subPathExpr }) =>
    subPathExpr === undefined || subPathExpr === '' ? (subPath ?? '').replace(/^(?:\.?\/)+|\/+$/gu, '') : '',
  )
  return paths.includes('') ? undefined : [...new Set(paths)]
}

function mounted({ items, ...source }: NamedSource, paths: readonly string[] | undefined): Reference {
  const keys = items?.map(({ key }) => key)
  const seen = (path: string): boolean => paths?.some((one) => path === one || path.startsWith(`${one}/`)) ?? true
  const whole = paths === undefined || paths.length === 0
  return {
    ...source,
    // The kubelet makes the whole volume before it looks at what is mounted of it.
    needs: keys ?? (whole ? undefined : paths),
    uses: items === undefined ? paths : items.filter(({ key, path }) => seen(path ?? key)).map(({ key }) => key),
  }
}

/** What the pods of a workload, a Job or a CronJob are made of. */
export function podSpecOf({ kind, spec }: KubeObject): PodSpec | undefined {
  const inner = spec as
    { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } } | undefined
  if (kind === 'Pod') return inner as PodSpec | undefined
  return kind === 'CronJob' ? inner?.jobTemplate?.spec?.template?.spec : inner?.template?.spec
}

/** Where that is in a workload or a CronJob. */
export function podPath({ kind }: Pick<KubeObject, 'kind'>): string {
  return kind === 'CronJob' ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec'
}
