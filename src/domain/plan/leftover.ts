import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import { hasCompleted, hasFailed } from './jobs.ts'

/**
 * Finished Jobs of dead revisions: the release made them, and no revision that helm still keeps renders them. Those that
 * another object owns (a CronJob's) go with their owner.
 */
export function leftoverJobs(
  release: string,
  jobs: readonly KubeObject[],
  kept: readonly (readonly Rendered[])[],
): KubeObject[] {
  const known = new Set(kept.flat().map(({ object }) => keyOf(object)))
  return jobs.filter(
    (job) =>
      isOf(release, job) &&
      (hasCompleted(job) || hasFailed(job)) &&
      (job.metadata.ownerReferences ?? []).length === 0 &&
      !known.has(keyOf(job)),
  )
}

function isOf(release: string, { metadata: { labels, annotations } }: KubeObject): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === 'Helm' && annotations?.['meta.helm.sh/release-name'] === release
}
