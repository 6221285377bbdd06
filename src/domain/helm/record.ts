import { ForgeError } from '../../errors.ts'
import type { ReleaseRecord } from './model.ts'

/** A Secret holds at most 1 MiB; helm keeps a whole revision in one (`len(base64(gzip(json)))`). */
export const RECORD_LIMIT = 1024 * 1024

/** The revision that a rollback goes back to: helm compares with the last *deployed* one, not with the last. */
export function lastDeployed(history: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  return history.find(({ status }) => status === 'deployed') ?? history.find(({ status }) => status === 'superseded')
}

/** helm refuses every upgrade of a release in these states (a run that was killed left it so). */
export function refusePending(history: readonly ReleaseRecord[], namespace: string): void {
  const [latest] = history
  if (latest?.status.startsWith('pending-') !== true && latest?.status !== 'uninstalling') return
  const back = lastDeployed(history)
  throw new ForgeError(
    'E_RELEASE_PENDING',
    `release ${latest.name} is ${latest.status} at revision ${latest.revision}: an earlier run was killed`,
    {
      hint:
        back === undefined
          ? `helm uninstall ${latest.name} --namespace ${namespace} --keep-history`
          : `helm rollback ${latest.name} ${back.revision} --namespace ${namespace}`,
      where: `release ${latest.name}, namespace ${namespace}`,
    },
  )
}
