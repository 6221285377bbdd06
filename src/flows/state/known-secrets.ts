import { LABELS, SECRET_KIND } from '../../domain/journal/labels.ts'
import { dataOf, fromBase64 } from '../../domain/secrets/plan.ts'
import type { ClusterReader } from '../../ports.ts'
import type { SecretSink } from '../project/ports.ts'
import { register } from '../project/secrets.ts'

/**
 * Tells the redactor every value that forge has written into the project's Secrets, kept revisions included: a pod that
 * has not been restarted may still print the old ones.
 */
export async function learnSecrets(
  {
    cluster,
    project,
    namespace,
  }: { readonly cluster: Pick<ClusterReader, 'list'>; readonly project: string; readonly namespace: string },
  sink: SecretSink,
  signal: AbortSignal,
): Promise<void> {
  const labelSelector = `${LABELS.project}=${project},!${LABELS.deploy}`
  const secrets = await cluster.list(SECRET_KIND, { namespace, labelSelector }, signal)
  for (const value of secrets.flatMap((secret) => Object.values(dataOf(secret)))) register(fromBase64(value), sink)
}
