import { backupRights } from './backup-rights.ts'
import { verbs } from './permissions.ts'
import { clusterRights, distinct, LEASES, watchRights, type Place, type Work } from './rights.ts'

/** Of `forge backup` alone: the lock, what makes backups, and how their Jobs get on. */
export function backupOnlyRights(work: Work): Place[] {
  const { home, namespaces } = work
  const places = [...new Set([home, ...namespaces])].map((namespace): Place => {
    const permissions = [
      ...(namespace === home ? LEASES : []),
      ...watchRights([], work),
      ...verbs(['list', 'watch'], '', 'pods'),
      ...verbs(['get'], '', 'pods/log'),
      ...backupRights(work.backups),
    ]
    return { namespace, permissions: distinct(permissions), comparing: [], looking: [] }
  })
  return [...places, ...clusterRights({ ...work, objects: [], definitions: [] }, ['get'])]
}
