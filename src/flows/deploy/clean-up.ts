import { refOf } from '../../domain/kube.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import { leftoverJobs } from '../../domain/plan/leftover.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import type { DeployContext, ReleaseWork } from './context.ts'
import { isNamespaced } from './kinds.ts'

/**
 * After a deploy: finished Jobs that an earlier, dead revision left behind. Nothing else: ReplicaSets end by their
 * Deployment's `revisionHistoryLimit`, helm's records by its own; claims and Secrets are never touched. One list; the
 * revisions are unpacked only where there is something to look at. Returns the names of what was deleted.
 */
export async function cleanUp(context: DeployContext, signal: AbortSignal): Promise<readonly string[]> {
  const { cluster, project, works } = context
  const options = { namespace: project.environment.namespace, labelSelector: 'app.kubernetes.io/managed-by=Helm' }
  const jobs = await unlessForbidden(cluster.list({ apiVersion: 'batch/v1', kind: 'Job' }, options, signal))
  if (jobs === undefined || jobs.length === 0) return []
  const deleted = works.map(async (work) => {
    const { name, namespace } = work.release
    if (leftoverJobs(name, jobs, [work.rendered]).length === 0) return []
    const history = await cluster.history(name, namespace, signal)
    const kept = history.filter(({ status }) => status === 'deployed' || status === 'superseded')
    const old = leftoverJobs(name, jobs, [work.rendered, ...kept.map((record) => objectsOf(record, work, context))])
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

/** Hooks included: a revision that can be gone back to may run them again. */
function objectsOf(
  record: ReleaseWork['history'][number],
  { release }: ReleaseWork,
  { facts }: DeployContext,
): Rendered[] {
  const namespaced = isNamespaced(facts.resources)
  const parts = [record.manifest, ...record.hooks.map(({ manifest }) => manifest)]
  return parts.flatMap((manifest) => parseManifest(manifest, release.namespace, namespaced))
}
