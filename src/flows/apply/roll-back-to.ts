import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { Charts, Guard } from '../../ports.ts'

/** The time limit that helm is given; it waits for hooks only. */
export const HELM_TIMEOUT_SECONDS = 600

/** `helm rollback` of one release, in the way in which the revision was applied. */
export async function rollBackTo(
  { revision, applyMethod }: Pick<ReleaseRecord, 'revision' | 'applyMethod'>,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  charts: Pick<Charts, 'rollback'>,
  guard: Guard | undefined,
): Promise<void> {
  await charts.rollback({
    release: name,
    namespace,
    revision,
    // helm 4 refuses the option for a revision that was not applied server-side (pkg/action, Rollback).
    forceConflicts: applyMethod === 'apply',
    timeoutSeconds: HELM_TIMEOUT_SECONDS,
    guard,
  })
}
