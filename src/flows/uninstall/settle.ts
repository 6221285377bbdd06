import { keyOf } from '../../domain/kube.ts'
import { counted } from '../../screen/counted.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { readLive } from '../observe/live.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { changeRecord } from '../state/release-record.ts'
import { installed, type Removal } from './prepare.ts'

/**
 * `helm uninstall` that fails leaves its record `uninstalling`, which helm and forge refuse from then on. Where nothing has
 * gone the record says again what it said; else the release has failed, and the next deploy makes again what is missing.
 * Returns one clause for each release that it was at; nothing where the lock is lost.
 */
export async function settleUninstalling(
  removals: readonly Removal[],
  context: Applied,
  { codec }: Pick<DeployPorts, 'codec'>,
  session: Pick<WriteSession, 'signal' | 'confirm'>,
): Promise<string[]> {
  const { cluster } = context
  const said: string[] = []
  for (const { work, plan } of removals) {
    const { name, namespace } = work.release
    const [before] = work.history
    if (!installed(work) || work.progress.upgraded || before === undefined) continue
    const [newest] = await cluster.history(name, namespace, session.signal)
    if (newest?.status !== 'uninstalling') continue
    const live = await readLive({ ...context, releases: [work] }, { signal: session.signal })
    const gone = plan.goes.filter((ref) => {
      const object = live.get(keyOf(ref))
      return object === undefined || object.metadata.deletionTimestamp !== undefined
    })
    const [status, description] =
      gone.length === 0
        ? [before.status, before.description]
        : ['failed', 'Uninstallation failed: a part of it is gone']
    await session.confirm(session.signal)
    const scope = { cluster, codec, release: name, namespace }
    const settle = async (): Promise<boolean> =>
      await changeRecord(
        scope,
        newest.revision,
        (content, now) =>
          now === 'uninstalling' ? { ...content, info: { ...content.info, status, description } } : undefined,
        session.signal,
      )
    if (!(await settle())) continue
    said.push(
      gone.length === 0
        ? `nothing of ${name} was taken away, and helm's record of it says ${status} again`
        : `${counted(gone.length, 'object')} of ${name} of ${plan.goes.length} went, and helm's record of it says failed: deploy to make them again, or uninstall the rest`,
    )
  }
  return said
}
