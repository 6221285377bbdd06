import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { mountedClaims } from '../manifest/claim-references.ts'
import { valueAt } from '../plan/field-path.ts'
import { selects, type Labels, type Selector } from '../selector.ts'
import { mapOf, mapsOf } from './forms.ts'
import { holdsRoom, placed, resourcesOf } from './rooms.ts'

/** What a pod has, or a template: its labels, and the part of its spec that says where it may stand. */
interface Sketch {
  readonly labels: Labels
  readonly spec: PlainMap
}

/** Where the template of a kind is, whoever serves the kind. */
const TEMPLATES = ['spec.template', 'spec.jobTemplate.spec.template']

/**
 * Those of `others` (pods that are not copied) which decide where pods of `own` may stand: they have ports of their node, they are
 * to be kept near or away, they keep others away, have a claim for themselves, or make room for whoever comes (a priority below 0).
 */
export function neighboursAmong(others: readonly KubeObject[], own: readonly KubeObject[]): KubeObject[] {
  const sketches = own.flatMap(sketchesOf)
  const selectors = sketches.flatMap(({ spec }) => selectorsOf(spec))
  const alone = new Set(
    own.filter(isForOne).map(({ kind, metadata }) => placed(kind, metadata.namespace, metadata.name)),
  )
  const wantsPorts = sketches.some(({ spec }) => spec['hostNetwork'] === true || portsOf(spec).length > 0)
  return others.filter((pod) => {
    const { labels = {} } = pod.metadata
    const spec = mapOf(pod['spec'])
    if (!holdsRoom(pod) || typeof spec['nodeName'] !== 'string') return false
    if (isRoomKept(spec) || (wantsPorts && portsOf(spec).length > 0)) return true
    if (mountedClaims(pod).some((name) => alone.has(placed(CLAIM, pod.metadata.namespace, name)))) return true
    const keepsAway = apartOf(spec).flatMap(selectorOf)
    return (
      selectors.some((one) => selects(one, labels)) ||
      sketches.some((sketch) => keepsAway.some((one) => selects(one, sketch.labels)))
    )
  })
}

function sketchesOf(object: KubeObject): Sketch[] {
  const found = object.kind === 'Pod' ? [object] : TEMPLATES.map((path) => valueAt(object, path))
  return found.filter(isMap).map(({ metadata, spec }) => ({
    labels: mapOf(mapOf(metadata)['labels']) as Labels,
    spec: mapOf(spec),
  }))
}

/** It holds a place until somebody needs it, so that a cluster grows ahead of time. */
function isRoomKept({ priority }: PlainMap): boolean {
  return typeof priority === 'number' && priority < 0
}

const CLAIM = 'PersistentVolumeClaim'

/** A claim that one pod at a time may have. */
function isForOne({ kind, spec }: KubeObject): boolean {
  const { accessModes } = mapOf(spec)
  return kind === CLAIM && Array.isArray(accessModes) && accessModes.includes('ReadWriteOncePod')
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

function selectorsOf(spec: PlainMap): Selector[] {
  const near = mapsOf(mapOf(mapOf(spec['affinity'])['podAffinity'])[REQUIRED])
  const spread = mapsOf(spec['topologySpreadConstraints']).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  )
  return [...near, ...apartOf(spec), ...spread].flatMap(selectorOf)
}

function apartOf(spec: PlainMap): PlainMap[] {
  return mapsOf(mapOf(mapOf(spec['affinity'])['podAntiAffinity'])[REQUIRED])
}

/** Without one, a term selects nothing. */
function selectorOf({ labelSelector }: PlainMap): Selector[] {
  return isMap(labelSelector) ? [labelSelector] : []
}

/** Those of its node that it takes: an API server states them also for pods that have the network of their node. */
function portsOf({ containers, initContainers }: PlainMap): PlainMap[] {
  const sidecars = mapsOf(initContainers).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...mapsOf(containers), ...sidecars]
    .flatMap(({ ports }) => mapsOf(ports))
    .filter(({ hostPort }) => typeof hostPort === 'number' && hostPort > 0)
}

/** In its place, on its node, with its room; nothing of it runs. */
export function neighbourLike(pod: KubeObject): KubeObject {
  const { metadata, spec } = pod
  const { affinity, nodeName, priorityClassName } = mapOf(spec)
  const { name, namespace, labels } = metadata
  const apart = mapOf(affinity)['podAntiAffinity']
  const ports = portsOf(mapOf(spec)).map(({ containerPort, hostPort, hostIP, protocol }) => ({
    containerPort,
    hostPort,
    ...(hostIP === undefined ? {} : { hostIP }),
    ...(protocol === undefined ? {} : { protocol }),
  }))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
    spec: {
      nodeName,
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...(isMap(apart) ? { affinity: { podAntiAffinity: { [REQUIRED]: mapsOf(apart[REQUIRED]) } } } : {}),
      automountServiceAccountToken: false,
      volumes: mountedClaims(pod).map((claimName, at) => ({
        name: `claim-${at}`,
        persistentVolumeClaim: { claimName },
      })),
      tolerations: [{ operator: 'Exists' }],
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'neighbour',
          image: 'neighbour',
          ports,
          resources: resourcesOf(pod),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}

/** As if a kubelet kept it: no controller of the sandbox takes it for its own. */
export function ownedBy(pod: KubeObject, { apiVersion, kind, metadata: { name, uid = '' } }: KubeObject): KubeObject {
  return { ...pod, metadata: { ...pod.metadata, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] } }
}
