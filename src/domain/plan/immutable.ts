import { isBuiltIn } from '../prediction/three-way.ts'
import type { KubeObject } from '../kube.ts'
import { isWithin } from './field-path.ts'
import type { FieldChange } from './model.ts'

/**
 * Fields that keep their first value, by kind: each kind's update validation in k8s.io/kubernetes/pkg/apis/*\/validation.
 * What is not here is learned from the API server's own answer to a dry run.
 */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector'],
  DaemonSet: ['spec.selector'],
  ReplicaSet: ['spec.selector'],
  Job: [
    'spec.template',
    'spec.selector',
    'spec.completionMode',
    'spec.podFailurePolicy',
    'spec.successPolicy',
    'spec.managedBy',
  ],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  StorageClass: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'],
  PriorityClass: ['value'],
  IngressClass: ['spec.controller'],
  Secret: ['type'],
}

/** All that may change in a StatefulSet's spec (ValidateStatefulSetUpdate). */
const STATEFUL_SET = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

/** The first of the changes that the API server would refuse, told as a reason; undefined: it can be made in place. */
export function fixedField(live: KubeObject, changes: readonly FieldChange[]): string | undefined {
  const found = changes.find((change) => isFixed(live, change))
  if (found === undefined) return undefined
  if (live['immutable'] === true) return `${live.kind} is immutable`
  // The part that is fixed, not the leaf in it that differs.
  return `${/^[\w-]+(?:\.[\w-]+)?/u.exec(found.path)?.[0] ?? found.path} is fixed`
}

/** What the API server says itself where nobody does (defaults.go of each API): given up in a manifest, it stays as it is. */
const OWN_WORDS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  Job: [[/^spec\.completionMode$/u, 'NonIndexed']],
  Secret: [[/^type$/u, 'Opaque']],
  StatefulSet: [
    [/^spec\.podManagementPolicy$/u, 'OrderedReady'],
    [/^spec\.volumeClaimTemplates\[[^\]]*\]\.spec\.volumeMode$/u, 'Filesystem'],
    [/^spec\.volumeClaimTemplates\[[^\]]*\]\.apiVersion$/u, 'v1'],
    [/^spec\.volumeClaimTemplates\[[^\]]*\]\.kind$/u, 'PersistentVolumeClaim'],
  ],
  StorageClass: [
    [/^reclaimPolicy$/u, 'Delete'],
    [/^volumeBindingMode$/u, 'Immediate'],
  ],
}

function isFixed(live: KubeObject, { path, before, after }: FieldChange): boolean {
  const { kind } = live
  const isOwn = OWN_WORDS[kind]?.some(([pattern, value]) => pattern.test(path) && before === value) === true
  if (after === undefined && isOwn) return false
  if (kind === 'StatefulSet')
    return isWithin(path, 'spec') && !STATEFUL_SET.some((name) => isWithin(path, `spec.${name}`))
  if (kind === 'ConfigMap' || kind === 'Secret') {
    const content = ['data', 'binaryData', 'immutable'].some((part) => isWithin(path, part))
    if (live['immutable'] === true && content) return true
  }
  if (kind === 'Service') return isWithin(path, 'spec.clusterIP') && hasValue(before) && hasValue(after)
  return (FIXED[kind] ?? []).some((field) => isWithin(path, field))
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** Kinds whose deletion takes other people's data with it: these are never replaced. */
const PRECIOUS = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'])

export function mayBeReplaced(object: KubeObject): boolean {
  return isBuiltIn(object) && !PRECIOUS.has(object.kind)
}
