import { isMap, type PlainMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { podSpecOf, references } from '../manifest/references.ts'
import { valueAt } from '../plan/field-path.ts'

const NODES = 3
const NODE_SIZE = { cpu: '8', memory: '16Gi', 'ephemeral-storage': '100Gi', pods: '110' }

/** What could not be read, and the objects of the releases, live and to come. */
export interface Unseen {
  readonly kinds: ReadonlySet<string>
  readonly objects: readonly KubeObject[]
}

/**
 * What takes the place of objects that may not be read: under the names by which others call them, so that a deploy does not fail
 * for want of what the environment has.
 */
export function standInsFor({ kinds, objects }: Unseen): KubeObject[] {
  const known = new Set(objects.map(keyOf))
  const made = [
    ...(kinds.has('Node') ? nodes(objects) : []),
    ...(kinds.has('StorageClass') ? classes(objects) : []),
    ...(kinds.has('PriorityClass') ? named(objects, 'priorityClassName').map(priority) : []),
    ...(kinds.has('RuntimeClass') ? named(objects, 'runtimeClassName').map(runtime) : []),
    ...(kinds.has('ServiceAccount') ? accounts(objects) : []),
    ...(kinds.has('ConfigMap') ? configMaps(objects) : []),
  ]
  return [...new Map(made.map((one) => [keyOf(one), one])).values()].filter((one) => !known.has(keyOf(one)))
}

const STOOD_IN = new Set(['StorageClass', 'PriorityClass', 'RuntimeClass', 'ServiceAccount', 'ConfigMap'])

/** Sentences. Without a namespace: in none, or in all of them. */
export function unseenTexts(
  kinds: readonly { readonly kind: string; readonly namespace?: string | undefined }[],
): string[] {
  const told = (are: (kind: string) => boolean): string => {
    const names = kinds
      .filter(({ kind }) => are(kind))
      .map(({ kind, namespace }) => {
        return namespace === undefined ? pluralOf(kind) : `${pluralOf(kind)} of ${namespace}`
      })
    return names.toSorted().join(', ')
  }
  const [nodes, stoodIn] = [told((kind) => kind === 'Node'), told((kind) => STOOD_IN.has(kind))]
  const others = told((kind) => kind !== 'Node' && !STOOD_IN.has(kind))
  return [
    ...(nodes === ''
      ? []
      : [`nodes may not be listed: there are ${NODES} of ${NODE_SIZE.cpu} CPU and ${NODE_SIZE.memory}`]),
    ...(stoodIn === '' ? [] : [`may not be listed, and those that are named are made up: ${stoodIn}`]),
    ...(others === '' ? [] : [`may not be listed, and are not there: ${others}`]),
  ]
}

function pluralOf(kind: string): string {
  if (kind.endsWith('y')) return `${kind.slice(0, -1)}ies`
  return kind.endsWith('s') ? `${kind}es` : `${kind}s`
}

/** With all labels that pods select nodes by. */
function nodes(objects: readonly KubeObject[]): KubeObject[] {
  const wanted = Map.groupBy(objects.flatMap(selected), ([key]) => key)
  return Array.from({ length: NODES }, (_, at) => {
    const labels = [...wanted].map(([key, pairs]) => {
      const values = [...new Set(pairs.map(([, value]) => value))]
      return [key, values[at % values.length] ?? ''] as const
    })
    const name = `node-${at + 1}`
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...Object.fromEntries<string>(labels) } },
      status: { capacity: NODE_SIZE, allocatable: NODE_SIZE },
    }
  })
}

function selected(object: KubeObject): [string, string][] {
  const selector = specOf(object)['nodeSelector']
  return isMap(selector) ? Object.entries(selector).map(([key, value]) => [key, String(value)]) : []
}

/** Claims that name none get one, too. */
function classes(objects: readonly KubeObject[]): KubeObject[] {
  const claims = objects.flatMap((object): readonly unknown[] => {
    if (object.kind === 'PersistentVolumeClaim') return [object]
    const templates: unknown = valueAt(object, 'spec.volumeClaimTemplates')
    return Array.isArray(templates) ? (templates as readonly unknown[]) : []
  })
  const names = claims.flatMap((claim) => text(valueAt(claim as KubeObject, 'spec.storageClassName')))
  const usual = { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }
  const others = names.filter((name) => name !== usual.name).map((name) => ({ name }))
  return [usual, ...others].map((metadata) => ({
    ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata },
    ...{ provisioner: 'unknown', reclaimPolicy: 'Delete', allowVolumeExpansion: true },
  }))
}

function priority(name: string): KubeObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1000 }
}

function runtime(name: string): KubeObject {
  return { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'unknown' }
}

function accounts(objects: readonly KubeObject[]): KubeObject[] {
  return objects.flatMap((object) =>
    text(specOf(object)['serviceAccountName']).map((name) => ({
      ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
      metadata: { name, ...placeOf(object) },
    })),
  )
}

function configMaps(objects: readonly KubeObject[]): KubeObject[] {
  const asked = objects.flatMap((object) =>
    references(object)
      .filter(({ kind, optional }) => kind === 'ConfigMap' && !optional)
      .map(({ name, needs = [] }) => ({ metadata: { name, ...placeOf(object) }, keys: needs })),
  )
  const byName = Map.groupBy(asked, ({ metadata }) => JSON.stringify(metadata))
  return [...byName.values()].flatMap((places) => {
    const data = Object.fromEntries(places.flatMap(({ keys }) => keys.map((key) => [key, ''])))
    return places.slice(0, 1).map(({ metadata }) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }))
  })
}

/** Those that Kubernetes has itself are there. */
function named(objects: readonly KubeObject[], field: 'priorityClassName' | 'runtimeClassName'): string[] {
  const names = objects.flatMap((object) => text(specOf(object)[field]))
  return [...new Set(names)].filter((name) => !name.startsWith('system-'))
}

function specOf(object: KubeObject): PlainMap {
  return (podSpecOf(object) ?? {}) as PlainMap
}

function placeOf({ metadata: { namespace } }: KubeObject): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace }
}

function text(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [value] : []
}
