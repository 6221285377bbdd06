import type { SecretPlan } from '../../domain/secrets/model.ts'
import type { ClusterReader, ClusterWriter } from '../../ports.ts'
import { keepRevision } from './secret-revisions.ts'

export interface SecretScope {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'> & Pick<ClusterWriter, 'apply' | 'create' | 'delete'>
  readonly project: string
  readonly namespace: string
}

/**
 * Writes the secrets that differ: each one's present and new content is kept under its number first, then one server-side
 * apply as manager `forge`. Nothing is deleted, and what is equal is not touched. Returns those that were written.
 */
export async function writeSecrets(
  scope: SecretScope,
  plans: readonly SecretPlan[],
  signal: AbortSignal,
  /** Proves that the lock is still held; asked before each Secret that pods use is written. */
  confirm: () => Promise<void> = async () => await Promise.resolve(),
): Promise<readonly SecretPlan[]> {
  const changing = plans.filter(({ object }) => object !== undefined)
  await Promise.all(
    changing.map(async ({ name, object, revision, revisionBefore }) => {
      if (object === undefined) return
      await keepRevision(scope, { name, object, revision, revisionBefore }, signal)
      await confirm()
      await scope.cluster.apply(object, signal)
    }),
  )
  return changing
}
