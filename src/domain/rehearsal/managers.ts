import { isMap, type PlainMap } from '../config/path.ts'
import { groupOf, type KubeObject, type ManagedFields } from '../kube.ts'
import { gitopsOwner, OWNER_GROUPS } from '../gitops.ts'

const ARGO = /^argocd-(?:application-)?controller$/u
const FLUX_LABELS = ['HelmRelease', 'Kustomization'] as const
const MARKS: ReadonlySet<string> = new Set([
  ...FLUX_LABELS.flatMap((kind) => [`${OWNER_GROUPS[kind]}/name`, `${OWNER_GROUPS[kind]}/namespace`]),
  'argocd.argoproj.io/instance',
  'argocd.argoproj.io/tracking-id',
])

/** Without the marks by which Flux or Argo CD own it (domain/gitops.ts): neither of them is in a sandbox. */
export function withoutGitops(object: KubeObject): KubeObject {
  if (gitopsOwner(object) === undefined) return object
  const { labels, annotations, managedFields, ...metadata } = object.metadata
  return {
    ...object,
    metadata: {
      ...metadata,
      ...kept('labels', labels, (name) => !MARKS.has(name)),
      ...kept('annotations', annotations, (name) => !MARKS.has(name)),
      ...(managedFields === undefined ? {} : { managedFields: managedFields.filter(isNoArgo) }),
    },
  }
}

function isNoArgo({ manager = '' }: ManagedFields): boolean {
  return !ARGO.test(manager)
}

type Texts = Readonly<Record<string, string>>

/** A field of texts by name, without those that are not wanted; none where none is left. */
export function kept<Field extends string>(
  field: Field,
  texts: Texts | undefined,
  isKept: (name: string) => boolean,
): { readonly [field in Field]?: Texts } {
  const found = Object.entries(texts ?? {}).filter(([name]) => isKept(name))
  return found.length === 0 ? {} : ({ [field]: Object.fromEntries(found) } as { readonly [field in Field]?: Texts })
}

/**
 * To be PUT: the copy, owned by whom the original is owned by. The API server takes the managedFields of a PUT for what was,
 * and adds to them only what the PUT changes, so nothing else may change with it
 * (k8s.io/apimachinery, util/managedfields, decodeLiveOrNew). What controllers write of a status is the copy's own.
 */
export function withManagers(created: KubeObject, original: KubeObject): KubeObject {
  const theirs = (withoutGitops(original).metadata.managedFields ?? []).filter(isOfSpec)
  const own = (created.metadata.managedFields ?? []).filter((entry) => !isOfSpec(entry))
  // With none at all the API server keeps those that are there.
  if (theirs.length === 0) return created
  return { ...created, metadata: { ...created.metadata, managedFields: [...theirs, ...own] } }
}

function isOfSpec({ subresource = '' }: ManagedFields): boolean {
  return subresource !== 'status'
}

/**
 * To be written to /status: what is said of the live object is said of its copy, so that what runs already counts as ready, as
 * long as it is unchanged. What was said of an older spec is so here.
 */
export function statusLike(live: KubeObject, created: KubeObject): KubeObject {
  if (live['status'] === undefined) return created
  const here = created.metadata.generation ?? 1
  const generation = (observed: number): number => (observed >= (live.metadata.generation ?? 0) ? here : here - 1)
  const status = observedAnew(live['status'], generation)
  return {
    ...created,
    status: groupOf(live.apiVersion) === 'external-secrets.io' ? syncedAnew(status, generation) : status,
  }
}

function observedAnew(value: unknown, generation: (observed: number) => number): unknown {
  if (Array.isArray(value)) return value.map((one) => observedAnew(one, generation))
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, unknown] => [
      name,
      name === 'observedGeneration' && typeof inner === 'number' ? generation(inner) : observedAnew(inner, generation),
    ]),
  )
}

/** External Secrets says it before a hash (domain/readiness/workloads/observed.ts). */
function syncedAnew(status: unknown, generation: (observed: number) => number): unknown {
  if (!isMap(status)) return status
  const { syncedResourceVersion: synced } = status
  if (typeof synced !== 'string') return status
  const anew = synced.replace(/^\d{1,15}(?=-)/u, (digits) => String(generation(Number(digits))))
  return { ...status, syncedResourceVersion: anew } satisfies PlainMap
}
