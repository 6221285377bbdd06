import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject, ObjectMeta } from '../kube.ts'
import { withValues } from '../plan/preserved.ts'
import { isOwned, serviceLike } from './addresses.ts'
import { fittings } from './fittings.ts'
import { kept, withoutGitops } from './managers.ts'
import { mapOf, mapsOf } from './forms.ts'

/**
 * As it can be created in an empty cluster where no operator, webhook or cloud provider is: what the server sets is left out, and
 * so are its owners, whose copies have other uids (an owner that is not found takes what it owns with it). GitOps marks and what
 * does not fit (`fittings`) go as well.
 */
export function forCreation(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = withValues(withoutGitops(object), fittings(object))
  const copy: KubeObject = { ...rest, metadata: metadataLike(rest.metadata) }
  return BY_KIND[object.kind]?.(copy, object) ?? copy
}

/** Of the cluster's own programs; and kubectl's, which is the object as it was applied, secrets and all. */
const NOTES = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'control-plane.alpha.kubernetes.io/leader',
  'kubernetes.io/service-account.uid',
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'pv.kubernetes.io/migrated-to',
  'pv.kubernetes.io/provisioned-by',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-resizer',
  'volume.kubernetes.io/selected-node',
])

/** Where autoscaling/v1 keeps what autoscaling/v2 has in its status. */
const SCALING_NOTE = /^autoscaling\.alpha\.kubernetes\.io\/(?:conditions|current-metrics)$/u

export function metadataLike({ name, namespace, labels, annotations }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...kept('labels', labels, () => true),
    ...kept('annotations', annotations, (one) => !NOTES.has(one) && !SCALING_NOTE.test(one)),
  }
}

type Copy = (copy: KubeObject, original: KubeObject) => KubeObject

const BY_KIND: Readonly<Record<string, Copy>> = {
  Service: serviceLike,
  Job: jobLike,
  Pod: podLike,
  PersistentVolumeClaim: claimLike,
  PersistentVolume: volumeLike,
  ServiceAccount: accountLike,
  Secret: secretLike,
}

const JOB_LABEL = /^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/u

/** The server makes a selector for it, and labels, unless the Job says that it has its own. */
function jobLike(copy: KubeObject): KubeObject {
  const { selector: _made, template, ...spec } = mapOf(copy['spec'])
  if (spec['manualSelector'] === true) return copy
  const { labels, ...metadata } = mapOf(mapOf(template)['metadata'])
  const { labels: own, ...meta } = copy.metadata
  return {
    ...copy,
    metadata: { ...meta, ...unlabelled(own) },
    spec: { ...spec, template: { ...mapOf(template), metadata: { ...metadata, ...unlabelled(labels) } } },
  }
}

function unlabelled(labels: unknown): Pick<ObjectMeta, 'labels'> {
  return kept('labels', mapOf(labels) as Record<string, string>, (name) => !JOB_LABEL.test(name))
}

/** The volume with a token that admission adds, and mounts in each container. */
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/u

function podLike(copy: KubeObject): KubeObject {
  const {
    nodeName: _node,
    priority: _priority,
    preemptionPolicy: _preemption,
    ephemeralContainers: _debuggers,
    ...spec
  } = mapOf(copy['spec'])
  const lists = Object.fromEntries(
    ['containers', 'initContainers'].flatMap((field) =>
      spec[field] === undefined ? [] : [[field, mapsOf(spec[field]).map(unmounted)]],
    ),
  )
  const volumes = mapsOf(spec['volumes']).filter(({ name }) => !TOKEN_VOLUME.test(String(name)))
  return { ...copy, spec: { ...spec, ...lists, volumes } }
}

function unmounted(container: PlainMap): PlainMap {
  const mounts = mapsOf(container['volumeMounts'])
  return mounts.length === 0
    ? container
    : { ...container, volumeMounts: mounts.filter(({ name }) => !TOKEN_VOLUME.test(String(name))) }
}

/** It gets a new volume. One that its manifest names is there under that name (`volumeFor`). */
function claimLike(copy: KubeObject, original: KubeObject): KubeObject {
  const { volumeName, ...spec } = mapOf(copy['spec'])
  return isOwned(original, ['spec', 'volumeName']) ? { ...copy, spec: { ...spec, volumeName } } : { ...copy, spec }
}

/** Bound to the claim of that name, whichever uid it gets. */
function volumeLike(copy: KubeObject): KubeObject {
  const { claimRef, ...spec } = mapOf(copy['spec'])
  if (!isMap(claimRef)) return copy
  const { uid: _uid, resourceVersion: _version, ...ref } = claimRef
  return { ...copy, spec: { ...spec, claimRef: ref } }
}

/** Kubernetes before 1.24, and OpenShift, make Secrets for it and name them there. */
function accountLike(copy: KubeObject): KubeObject {
  const { secrets, ...rest } = copy
  const isMade = ({ name }: PlainMap): boolean => {
    const [, end] = String(name).split(`${copy.metadata.name}-`)
    return end !== undefined && /^(?:token|dockercfg)-[a-z0-9]{5}$/u.test(end)
  }
  const own = mapsOf(secrets).filter((one) => !isMade(one))
  return own.length === 0 ? rest : { ...copy, secrets: own }
}

/** The cluster fills it with a token of its own. */
function secretLike(copy: KubeObject): KubeObject {
  if (copy['type'] !== 'kubernetes.io/service-account-token') return copy
  const { data: _token, ...rest } = copy
  return rest
}
