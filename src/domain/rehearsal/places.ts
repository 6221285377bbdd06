import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { valueAt } from '../plan/field-path.ts'
import { RELEASE_NAME } from '../plan/ownership.ts'
import { isOwned } from './addresses.ts'
import { forCreation, metadataLike } from './copies.ts'
import { withoutGitops } from './managers.ts'
import { allowanceLeft, roomLeft } from './rooms.ts'
import { mapOf, mapsOf } from './forms.ts'

/**
 * A node of this name, labels, taints and size; less what pods ask for that are on it and not copied, so that the room is the one
 * of now. One that is not ready takes no pods, there as here. What a kubelet says of itself the sandbox adds. `index`: from 0 on; makes
 * its address.
 */
export function nodeLike(node: KubeObject, others: readonly KubeObject[], index: number): KubeObject {
  const { name, labels } = node.metadata
  const { capacity, allocatable, nodeInfo } = mapOf(node['status'])
  const { architecture = 'amd64', operatingSystem = 'linux' } = mapOf(nodeInfo)
  const taints = mapsOf(valueAt(node, 'spec.taints'))
  const lasting = taints.filter(({ key }) => !ofCondition(key))
  const isClosed =
    valueAt(node, 'spec.unschedulable') === true ||
    taints.some(({ key, effect }) => ofCondition(key) && effect !== 'PreferNoSchedule') ||
    isNotReady(node)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: {
      ...(lasting.length === 0 ? {} : { taints: lasting }),
      ...(isClosed ? { unschedulable: true } : {}),
    },
    status: {
      capacity,
      allocatable: roomLeft(mapOf(allocatable ?? capacity), others),
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address: `10.240.${1 + Math.floor(index / 250)}.${1 + (index % 250)}` },
      ],
      nodeInfo: { architecture, operatingSystem },
    },
  }
}

/** A controller sets them by the node's conditions, and by `unschedulable`. */
const CONDITION_TAINTS = ['not-ready', 'unreachable', 'unschedulable', 'out-of-service', 'network-unavailable']

function ofCondition(key: unknown): boolean {
  const [, name = ''] = /^node\.kubernetes\.io\/(.+)$/u.exec(String(key)) ?? []
  return CONDITION_TAINTS.includes(name) || name.endsWith('-pressure')
}

function isNotReady({ status }: KubeObject): boolean {
  const ready = mapsOf(mapOf(status)['conditions']).find(({ type }) => type === 'Ready')
  return ready !== undefined && ready['status'] !== 'True'
}

/** Claims of this class are provisioned as a sandbox does. */
export function classLike(storageClass: KubeObject): KubeObject {
  return forCreation(storageClass)
}

/** Converted by nothing: its versions are served as they are stored. */
export function definitionLike(crd: KubeObject): KubeObject {
  const copy = forCreation(crd)
  const { conversion, ...spec } = mapOf(copy['spec'])
  return { ...copy, spec: { ...spec, ...(isMap(conversion) ? { conversion: { strategy: 'None' } } : {}) } }
}

/** With its labels, those of Pod Security among them. */
export function namespaceLike(namespace: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = withoutGitops(namespace)
  return { apiVersion, kind, metadata: metadataLike(metadata) }
}

/** Where a volume is, if not everywhere: its pods are bound to the nodes of it. */
export function placeOf(volume: KubeObject): unknown {
  const required = valueAt(volume, 'spec.nodeAffinity.required')
  return required === undefined ? undefined : { required }
}

/**
 * The volume that a claim is bound to, where no class of `classes` would provision one: a claim without a class, with the name of
 * one that is none, or with a volume that its manifest names. So is that which `placed` has, as it is on some nodes alone. There is
 * nothing in it.
 */
export function volumeFor(
  claim: KubeObject,
  classes: readonly KubeObject[],
  placed: readonly KubeObject[] = [],
): KubeObject | undefined {
  const { volumeName, storageClassName = '', accessModes, volumeMode, resources } = mapOf(claim['spec'])
  const isStated = isOwned(claim, ['spec', 'volumeName'])
  const original = volumeOf(claim, placed)
  const isProvisioned = !isStated && classes.some(({ metadata }) => metadata.name === storageClassName)
  if (typeof volumeName !== 'string' || volumeName === '' || (isProvisioned && original === undefined)) return undefined
  const { name, namespace } = claim.metadata
  const capacity = valueAt(claim, 'status.capacity') ?? mapOf(resources)['requests']
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName },
    spec: {
      accessModes,
      capacity,
      storageClassName,
      ...(volumeMode === undefined ? {} : { volumeMode }),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace },
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/sandbox/${namespace ?? ''}/${name}` },
      ...(original === undefined ? {} : { nodeAffinity: placeOf(original) }),
    },
  }
}

/** The claim as it is created, bound to its volume where that is one of `placed`. */
export function claimTo(claim: KubeObject, placed: readonly KubeObject[]): KubeObject {
  const copy = forCreation(claim)
  const volume = volumeOf(claim, placed)
  if (volume === undefined) return copy
  return { ...copy, spec: { ...mapOf(copy['spec']), volumeName: volume.metadata.name } }
}

function volumeOf(claim: KubeObject, placed: readonly KubeObject[]): KubeObject | undefined {
  return placed.find(({ metadata: { name } }) => name === mapOf(claim['spec'])['volumeName'])
}

/**
 * The quota with the room of now: less what pods of its namespace have that are not copied. One for some pods alone (`scopes`) is
 * as it was, and so is one of a release: it would be a difference, and the deploy would write it.
 */
export function quotaRoom(quota: KubeObject, others: readonly KubeObject[]): KubeObject {
  const copy = forCreation(quota)
  const spec = mapOf(copy['spec'])
  const isOfRelease = quota.metadata.annotations?.[RELEASE_NAME] !== undefined
  if (isOfRelease || spec['scopes'] !== undefined || spec['scopeSelector'] !== undefined) return copy
  return { ...copy, spec: { ...spec, hard: allowanceLeft(mapOf(spec['hard']), others) } }
}

/**
 * What a LimitRange gives to pods, without what it refuses: there while the copies are made, so that their pods are given what
 * those there were given, though one of them may not be as it wants now. Undefined: it gives nothing.
 */
export function limitsGiven(range: KubeObject): KubeObject | undefined {
  const copy = forCreation(range)
  const limits = mapsOf(valueAt(copy, 'spec.limits')).flatMap(({ type, default: limit, defaultRequest }) =>
    limit === undefined && defaultRequest === undefined
      ? []
      : [
          {
            type,
            ...(limit === undefined ? {} : { default: limit }),
            ...(defaultRequest === undefined ? {} : { defaultRequest }),
          },
        ],
  )
  return limits.length === 0
    ? undefined
    : { ...copy, metadata: { ...copy.metadata, name: `${copy.metadata.name}-given` }, spec: { limits } }
}
