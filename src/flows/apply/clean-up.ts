import { refOf } from '../../domain/kube.ts'
import { readRecord } from '../../domain/manifest/record.ts'
import { leftoverJobs } from '../../domain/plan/leftover.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import type { Planned } from '../phases/planned.ts'
import { isNamespaced } from '../observe/kinds.ts'

/**
 * After a deploy: finished Jobs that an earlier, dead revision left behind. Nothing else: ReplicaSets end by their
 * Deployment's `revisionHistoryLimit`, helm's records by its own; claims and Secrets are never touched. One list; the
 * revisions are unpacked only where there is something to look at. Returns the names of what was deleted.
 */
export async function cleanUp(context: Planned, signal: AbortSignal): Promise<readonly string[]> {
  const { cluster, project, releases } = context
  const options = { namespace: project.environment.namespace, labelSelector: 'app.kubernetes.io/managed-by=Helm' }
  const jobs = await unlessForbidden(cluster.list({ apiVersion: 'batch/v1', kind: 'Job' }, options, signal))
  if (jobs === undefined || jobs.length === 0) return []
  const deleted = releases.map(async (work) => {
    const { name, namespace } = work.release
    if (leftoverJobs(name, jobs, [work.rendered]).length === 0) return []
    const history = await cluster.history(name, namespace, signal)
    const kept = history.filter(({ status }) => status === 'deployed' || status === 'superseded')
    const read = kept.map((record) =>
      readRecord(record, namespace, isNamespaced(context.facts.resources), { hooks: true }),
    )
    // A revision that cannot be read may be the one that a Job belongs to.
    if (read.some(({ unread }) => unread !== undefined)) return []
    // Hooks included: a revision that can be gone back to may run them again.
    const old = leftoverJobs(name, jobs, [work.rendered, ...read.map(({ rendered }) => rendered)])
    await Promise.all(
      old.map(async (job) => {
        const { uid } = job.metadata
        await cluster.delete(refOf(job), { ...(uid === undefined ? {} : { uid }), propagation: 'Background' }, signal)
      }),
    )
    return old.map(({ metadata }) => metadata.name)
  })
  return (await Promise.all(deleted)).flat()
}
