import type { Target, WatchedKind } from './model.ts'
import { EVENTS } from './notes.ts'
import { isCertificate, ISSUANCE } from './workloads/issuance.ts'

const ALWAYS: readonly WatchedKind[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', optional: true },
  // Whom an init container waits for.
  { apiVersion: 'v1', kind: 'Service', optional: true },
  EVENTS,
]

/** Tells the revisions of a DaemonSet's pods apart; nothing else needs it. */
const REVISIONS: WatchedKind = { apiVersion: 'apps/v1', kind: 'ControllerRevision', optional: true }

/**
 * What must be watched to judge these targets: workloads, their pods, what Kubernetes says of them, and their own kinds; in
 * `home`, and in each other namespace that a target is in.
 */
export function watchedKinds(targets: readonly Target[], home?: string): WatchedKind[] {
  const away = [...new Set(targets.flatMap(({ namespace }) => (namespace === home ? [] : (namespace ?? []))))]
  const isHere = ({ namespace }: Target): boolean => namespace === undefined || !away.includes(namespace)
  return [
    ...kindsFor(targets.filter(isHere)),
    ...away.flatMap((namespace) =>
      kindsFor(targets.filter((target) => target.namespace === namespace)).map((kind) => ({ ...kind, namespace })),
    ),
  ]
}

function kindsFor(targets: readonly Target[]): WatchedKind[] {
  const own = targets.map(({ apiVersion, kind }) => ({ apiVersion, kind }))
  const kinds = [
    ...ALWAYS,
    ...(own.some(({ kind }) => kind === 'DaemonSet') ? [REVISIONS] : []),
    ...(own.some(isCertificate) ? ISSUANCE : []),
    ...own,
  ]
  return kinds.filter(
    (one, index) =>
      kinds.findIndex(({ apiVersion, kind }) => apiVersion === one.apiVersion && kind === one.kind) === index,
  )
}
