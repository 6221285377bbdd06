import type { BackupSource, BackupStanding } from '../../domain/backup/model.ts'
import { freshRun, runsOfCluster, runsOfCronJob } from '../../domain/backup/runs.ts'
import { backupFrom, backupName, jobFrom } from '../../domain/backup/objects.ts'
import type { BackupRun } from '../../domain/backup/model.ts'
import { madeAt, type KubeObject } from '../../domain/kube.ts'
import type { Connection } from '../phases/ports.ts'

export interface Looking {
  readonly cluster: Pick<Connection, 'get' | 'list' | 'predict'>
  /** When the last deploy ended: what began before that shows another state. */
  readonly after: number | undefined
  readonly signal: AbortSignal
}

/** Whether there is a backup that will do. "Could not look" is not fresh: then it is made. */
export async function standingOf(source: BackupSource, looking: Looking): Promise<BackupStanding> {
  const { maxAgeMs } = source.spec
  const runs = maxAgeMs === undefined ? [] : await readRuns(source, looking)
  if (runs.length === 0) return { state: 'due', source }
  const now = await clusterTime(source, looking)
  const found = freshRun(runs, { now, maxAgeMs, after: looking.after })
  if (found === undefined) return { state: 'due', source }
  return { state: found.run.state === 'done' ? 'fresh' : 'running', source, ...found }
}

/** All that was made from it. */
export async function readRuns(
  { object, cluster: saved, namespace }: BackupSource,
  { cluster, signal }: Pick<Looking, 'signal'> & { readonly cluster: Pick<Connection, 'list'> },
): Promise<BackupRun[]> {
  if (saved === undefined) {
    const jobs = await cluster.list({ apiVersion: 'batch/v1', kind: 'Job' }, { namespace }, signal)
    return runsOfCronJob(object, jobs.map(as('batch/v1', 'Job')))
  }
  const kind = { apiVersion: saved.apiVersion, kind: 'Backup' }
  const backups = await cluster.list(kind, { namespace }, signal)
  return runsOfCluster(saved, backups.map(as(kind.apiVersion, kind.kind)))
}

/** Items of a list do not say what they are. */
function as(apiVersion: string, kind: string): (object: KubeObject) => KubeObject {
  return (object) => ({ ...object, apiVersion, kind })
}

/** What forge makes of it, under this name. */
export function toCreate({ object, cluster, spec }: BackupSource, suffix: string, again: number): KubeObject {
  const name = backupName(spec.from.name, suffix, again)
  return cluster === undefined ? jobFrom(object, name, spec.name) : backupFrom(object, cluster, name, spec.name)
}

/**
 * The API server's own clock, which stamps what is made: that of this machine may be wrong by hours, and a backup must not
 * look younger for it. A dry run of the very object asks for it. Undefined: it was not answered.
 */
async function clusterTime(source: BackupSource, { cluster, signal }: Looking): Promise<number | undefined> {
  const asked = await cluster.predict(toCreate(source, 'age', 0), { mode: 'create' }, signal)
  const at = asked.kind === 'predicted' ? madeAt(asked.object) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
