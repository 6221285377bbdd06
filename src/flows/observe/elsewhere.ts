import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Opened } from '../phases/opened.ts'

/**
 * helm knows a release by its namespace as well: in another one helm would install a second release, and nothing would ever
 * uninstall the first. Throws E_RELEASE_ELSEWHERE; no request where none has moved.
 */
export async function refuseElsewhere(
  { project, liveEntry, previous, cluster }: Opened,
  signal: AbortSignal,
): Promise<void> {
  const before = liveEntry ?? previous
  for (const { name, namespace, at } of project.releases) {
    const then = before?.releases.find((one) => one.name === name)?.namespace ?? ''
    if (then === '' || then === namespace) continue
    const [newest] = await cluster.history(name, then, signal)
    if (newest === undefined || newest.status === 'uninstalled') continue
    const message = `release ${name} lives in namespace ${then} and shall live in ${namespace}: helm cannot move a release, and both would run`
    throw new ForgeError('E_RELEASE_ELSEWHERE', message, {
      hint: helm(['uninstall', name], then),
      where: `${at.file}:${at.line}`,
    })
  }
}
