import { agoOf } from '../../domain/screen/ago.ts'
import type { DeployContext } from './context.ts'

/** The two lines that every deploy begins with: where it goes, and what it follows. */
export function headRows({ project, cluster, previous }: DeployContext, now: number): string[] {
  const { environment, name } = project
  const where = environment.cluster.sandbox ? 'sandbox (simulated)' : cluster.context
  const after =
    previous === undefined
      ? 'the first deploy here'
      : `after #${previous.number} (${previous.state}, ${agoOf(now - Date.parse(previous.startedAt))}, ${previous.by})`
  const number = previous === undefined ? after : `deploy #${previous.number + 1}, ${after}`
  return [`${name} → ${environment.name}   cluster ${where}   namespace ${environment.namespace}`, number, '']
}
