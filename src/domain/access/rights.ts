import type { BackupKind } from '../config/backup.ts'
import type { Check, Stage } from '../config/model.ts'
import { accountOf, pullingSpec } from '../images/uses.ts'
import { groupOf, kindKey, type ApiResource, type KubeObject } from '../kube.ts'
import { wayOf } from '../pause/way.ts'
import { watchedKinds } from '../readiness/kinds.ts'
import { ROLLED_OUT } from '../workload-kinds.ts'
import { backupRights } from './backup-rights.ts'
import { bindings, escalations } from './escalation.ts'
import { injectionRights } from './injection-rights.ts'
import { verbs, type Permission } from './permissions.ts'

/** What forge and helm are to do, as far as rights go. */
export interface Work {
  /** The environment's namespace, which has the lock and the journal. */
  readonly home: string
  /** Those that releases live in. */
  readonly namespaces: readonly string[]
  /** What the releases have, or will have, with their hooks. */
  readonly objects: readonly KubeObject[]
  /** Of the charts' folders crds/. */
  readonly definitions: readonly KubeObject[]
  readonly stages: readonly Pick<Stage, 'wait' | 'optional'>[]
  readonly verify: readonly Pick<Check, 'service' | 'port'>[]
  /** The cluster is told by the uid of its namespace kube-system. */
  readonly provesCluster: boolean
  readonly resources: readonly ApiResource[]
  /** What makes backups. Absent: nothing does. */
  readonly backups?: readonly BackupKind[]
}

/** Rights in one namespace; of the whole cluster where there is none. */
export interface Place {
  readonly namespace: string | undefined
  /** Without one of these nothing is written. */
  readonly permissions: readonly Permission[]
  /** Without one of these nothing is deployed or rolled back: what is there cannot be compared. Who removes all needs none. */
  readonly comparing: readonly Permission[]
  /** Without one of these something is not checked, which the preview says. */
  readonly looking: readonly Permission[]
}

/** Where a release lives: what helm itself writes, and what forge reads of its pods, whatever the chart renders. */
const HELM: readonly Permission[] = [
  ...verbs(['get', 'list', 'create', 'patch', 'update', 'delete'], '', 'secrets'),
  ...verbs(['list', 'watch'], '', 'pods'),
  ...verbs(['get'], '', 'pods/log'),
  ...verbs(['list', 'watch'], '', 'events'),
  ...verbs(['list', 'watch'], 'apps', 'replicasets'),
]

/** Whether it is there: forge makes it where it is not. A Role in a namespace may speak of that namespace itself. */
function ownNamespace(namespace: string): Permission[] {
  return verbs(['get'], '', 'namespaces', namespace)
}

export const LEASES = verbs(['get', 'list', 'watch', 'create', 'update'], 'coordination.k8s.io', 'leases')
/** helm reads, makes, patches and (on a rollback) deletes each. */
const OF_KIND = ['get', 'create', 'patch', 'delete']
const DEFINITIONS = ['apiextensions.k8s.io', 'customresourcedefinitions'] as const
const SYSTEM = 'kube-system'

/** The least for deploy, status, rollback and recover. The one list: the checks of a deploy and `forge rbac` go by it. */
export function deployRights(work: Work): Place[] {
  const { home, namespaces } = work
  const kinds = objectsIn(work)
  const places = new Set([home, ...namespaces, ...kinds.keys()])
  return [
    ...[...places].map((namespace): Place => {
      const objects = kinds.get(namespace) ?? []
      const watched = watchRights(objects, work)
      const isHome = namespace === home
      const isRelease = isHome || namespaces.includes(namespace)
      const hasSets = objects.some(({ kind }) => kind === 'StatefulSet')
      return {
        namespace,
        permissions: distinct([
          ...(isRelease ? HELM : []),
          ...(isHome ? [...LEASES, ...watched] : []),
          ...kindRights(objects, work, OF_KIND),
          // One that its StatefulSet would wait for for ever is deleted.
          ...(hasSets ? verbs(['delete'], '', 'pods') : []),
          ...(isHome ? work.verify.flatMap(({ service, port }) => askRights(service, port)) : []),
          ...escalations(objects, work.objects),
        ]),
        comparing: distinct([
          ...(isRelease ? ownNamespace(namespace) : []),
          ...kindRights(objects, work, ['list']),
          ...(hasSets ? verbs(['list'], '', 'persistentvolumeclaims') : []),
        ]),
        looking: distinct([
          ...(!isHome && objects.some(isWorkload) ? watched : []),
          ...bindings(objects, work.objects),
          ...pullRights(objects, isRelease),
          ...injectionRights(objects, namespace),
          ...(isRelease ? backupRights(work.backups) : []),
        ]),
      }
    }),
    ...clusterRights(work, ['get', 'patch', 'delete']),
  ]
}

/** The least for a plan: it reads. That it lacks the rights for a dry run, which are those to write, is said in it. */
export function planRights(work: Work): Place[] {
  const { home, namespaces } = work
  const kinds = objectsIn(work)
  const places = new Set([home, ...namespaces, ...kinds.keys()])
  return [
    ...[...places].map((namespace): Place => {
      const helm = namespace === home || namespaces.includes(namespace)
      const permissions = [
        ...(helm
          ? [...ownNamespace(namespace), ...verbs(['get', 'list'], '', 'secrets'), ...verbs(['list'], '', 'pods')]
          : []),
        ...kindRights(kinds.get(namespace) ?? [], work, ['get', 'list']),
        ...pullRights(kinds.get(namespace) ?? [], helm),
      ]
      return { namespace, permissions: distinct(permissions), comparing: [], looking: [] }
    }),
    ...clusterRights(work, ['get']),
  ]
}

/** In pods. A WebSocket begins as a GET, which newer API servers take for a `create` as well. */
export function withinRights(resource: 'pods/portforward' | 'pods/exec'): Permission[] {
  return verbs(['get', 'create'], '', resource)
}

/** From Kubernetes 1.35 on (AuthorizePodWebsocketUpgradeCreatePermission). */
export function createsWithin({ major, minor }: { readonly major: number; readonly minor: number }): boolean {
  return major > 1 || (major === 1 && minor >= 35)
}

/** What a plan reads, what status and logs do, and what open and shell need. Who has them can do what a pod can. */
export function lookRights(work: Work): Place[] {
  const { home, namespaces } = work
  const kinds = objectsIn(work)
  return planRights(work).map((place) => {
    const { namespace, permissions } = place
    if (namespace === undefined || (namespace !== home && !namespaces.includes(namespace))) return place
    const more = [
      ...verbs(['list', 'watch'], '', 'pods'),
      ...verbs(['get'], '', 'pods/log'),
      ...verbs(['list', 'watch'], '', 'events'),
      ...verbs(['list'], '', 'services'),
      ...(namespace === home ? verbs(['get', 'list', 'watch'], 'coordination.k8s.io', 'leases') : []),
      ...ROLLED_OUT.flatMap((kind) =>
        verbs(['list'], groupOf(kind.apiVersion), resourceOf(kind, work.resources)?.plural ?? ''),
      ),
      ...watchRights(kinds.get(namespace) ?? [], work),
      ...withinRights('pods/portforward'),
      ...withinRights('pods/exec'),
    ]
    return { ...place, permissions: distinct([...permissions, ...more]) }
  })
}

/** The same of `forge pause` and `resume`: forge's own state, and what is written of what rests. Flux may be anywhere: it is not in here. */
export function pauseRights(work: Work): Place[] {
  const { home, resources } = work
  const kinds = objectsIn(work)
  return lookRights(work).map((place) => {
    const { namespace, permissions } = place
    if (namespace === undefined) return place
    const resting = (kinds.get(namespace) ?? []).filter((object) => wayOf(object) !== undefined)
    const scales = resting.flatMap((object) => {
      const plural = wayOf(object) === 'scale' ? resourceOf(object, resources)?.plural : undefined
      return plural === undefined ? [] : verbs(['patch'], groupOf(object.apiVersion), `${plural}/scale`)
    })
    const own = namespace === home ? [...LEASES, ...verbs(['create', 'update', 'delete'], '', 'secrets')] : []
    const jobs = resting.some(({ kind }) => kind === 'CronJob') ? verbs(['list'], 'batch', 'jobs') : []
    const more = [...own, ...kindRights(resting, work, ['get', 'list', 'watch', 'patch']), ...scales, ...jobs]
    return { ...place, permissions: distinct([...permissions, ...more]) }
  })
}

/** Of the cluster and, for who it is, of its namespace kube-system. */
export function clusterRights(work: Work, each: readonly string[]): Place[] {
  const { resources, definitions, provesCluster } = work
  const objects = work.objects.filter(({ metadata }) => metadata.namespace === undefined)
  const writes = each.includes('patch')
  const permissions = objects.flatMap((object) => {
    const found = resourceOf(object, resources)
    if (found?.namespaced !== false) return []
    const [group, { name }] = [groupOf(object.apiVersion), object.metadata]
    return [
      ...verbs(each, group, found.plural, name),
      // The name of what is made is not known when it is asked for.
      ...(writes ? verbs(['create'], group, found.plural) : []),
    ]
  })
  const ofDefinitions = definitions.flatMap(({ metadata: { name } }) => [
    ...verbs(writes ? ['get', 'patch'] : ['get'], ...DEFINITIONS, name),
    ...(writes ? verbs(['create', 'list', 'watch'], ...DEFINITIONS) : []),
  ])
  const all = distinct([...permissions, ...ofDefinitions, ...(writes ? escalations(objects, work.objects) : [])])
  const system: Place = {
    namespace: SYSTEM,
    permissions: verbs(['get'], '', 'namespaces', SYSTEM),
    comparing: [],
    looking: [],
  }
  return [
    ...(all.length === 0
      ? []
      : [
          {
            namespace: undefined,
            permissions: all,
            comparing: [],
            looking: writes ? bindings(objects, work.objects) : [],
          },
        ]),
    ...(provesCluster ? [system] : []),
  ]
}

function objectsIn({ objects }: Work): Map<string, KubeObject[]> {
  const placed = objects.flatMap((object) => {
    const { namespace } = object.metadata
    return namespace === undefined ? [] : [{ namespace, object }]
  })
  const groups = Map.groupBy(placed, ({ namespace }) => namespace)
  return new Map([...groups].map(([namespace, found]) => [namespace, found.map(({ object }) => object)]))
}

function kindRights(objects: readonly KubeObject[], { resources }: Work, names: readonly string[]): Permission[] {
  const kinds = new Map(objects.map((object) => [kindKey(object), object]))
  return [...kinds.values()].flatMap((object) => {
    const found = resourceOf(object, resources)
    return found?.namespaced === true ? verbs(names, groupOf(object.apiVersion), found.plural) : []
  })
}

/** Whatever a deploy is of, these are watched; and the kinds that its stages name. */
export function watchRights(objects: readonly KubeObject[], { stages, resources }: Work): Permission[] {
  const named = new Set(stages.flatMap(({ wait, optional }) => [...wait, ...optional]).map((one) => one.split('/')[0]))
  const targets = objects
    .filter(({ kind }) => named.has(kind))
    .map(({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, name }))
  return watchedKinds(targets)
    .filter(({ optional }) => optional !== true)
    .flatMap((kind) => {
      const found = resourceOf(kind, resources)
      return found?.namespaced === true ? verbs(['list', 'watch'], groupOf(kind.apiVersion), found.plural) : []
    })
}

/** What the nodes will pull with (docs/images.md, "Pull check"); Secrets are read already where a release lives. */
function pullRights(objects: readonly KubeObject[], isRelease: boolean): Permission[] {
  return objects.flatMap((object) => {
    const spec = pullingSpec(object)
    if (spec === undefined) return []
    const named = (spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? [])
    if (named.length === 0) return verbs(['get'], '', 'serviceaccounts', accountOf(spec))
    return isRelease ? [] : named.flatMap((name) => verbs(['get'], '', 'secrets', name))
  })
}

/** The name of a proxied Service has its port in it. */
function askRights(service: string, port: number | string): Permission[] {
  return verbs(['get'], '', 'services/proxy', `${service}:${port}`)
}

function isWorkload({ kind }: KubeObject): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)
}

function resourceOf(
  { apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>,
  resources: readonly ApiResource[],
): ApiResource | undefined {
  return resources.find((one) => one.apiVersion === apiVersion && one.kind === kind)
}

/** Each once; what is needed of any object is not named of one. */
export function distinct(permissions: readonly Permission[]): Permission[] {
  const keyOf = ({ verb, group, resource, name, url }: Permission): string =>
    JSON.stringify([verb, group, resource, name, url])
  const found = new Map(permissions.map((one) => [keyOf(one), one]))
  return [...found.values()].filter(
    ({ verb, group, resource, name }) => name === undefined || !found.has(keyOf({ verb, group, resource })),
  )
}
