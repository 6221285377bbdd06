import { agoOf } from '../../screen/ago.ts'
import type { Opened } from '../phases/opened.ts'
import { selectedRow } from '../observe/left-out.ts'
import { headRow } from '../../screen/head.ts'

/** The lines that every deploy begins with: where it goes, what it follows, and what it leaves out. */
export function headRows(context: Opened, now: number): string[] {
  const { project, cluster, previous, journal } = context
  const { environment, name } = project
  const where = environment.cluster.sandbox ? 'sandbox (simulated)' : cluster.context
  const after =
    previous === undefined
      ? 'the first deploy here'
      : `after #${previous.number} (${previous.state}, ${agoOf(now - Date.parse(previous.startedAt))}, ${previous.by})`
  const number = previous === undefined ? after : `deploy #${journal?.nextNumber ?? previous.number + 1}, ${after}`
  return [
    headRow({ project: name, environment: environment.name, cluster: where, namespace: environment.namespace }),
    number,
    ...selectedRow(context),
    '',
  ]
}
