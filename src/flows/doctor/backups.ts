import type { BackupRun } from '../../domain/backup/model.ts'
import type { BackupSpec } from '../../domain/config/backup.ts'
import { showPosition } from '../../domain/config/position.ts'
import { nameOf } from '../../domain/kube.ts'
import { forge } from '../../hint.ts'
import { found, passedOver, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { findSource } from '../plan/backup-source.ts'
import { readRuns, standingOf } from '../plan/backup-standing.ts'
import { sceneOf } from '../plan/backups.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** How old the newest of each backup is. One that is too old is no fault: a deploy that migrates makes another. */
export const checkBackupAges: Check<Compared> = async (known, { signal }) => {
  const all = await Promise.all(
    (known.project.backups ?? []).map(async (spec) => {
      let why = 'it may not be looked at'
      const looked = ageOf(spec, known, signal)
      return (
        (await unlessForbidden(looked, (error) => (why = error.message))) ?? [passedOver(`backup ${spec.name}`, why)]
      )
    }),
  )
  return all.flat()
}

async function ageOf(spec: BackupSpec, known: Compared, signal: AbortSignal): Promise<readonly Finding[]> {
  const source = await findSource(spec, sceneOf(known), signal)
  if (source.state === 'coming') return [found(`backup ${spec.name}: ${source.what} comes with a deploy`)]
  const { cluster, project } = known
  const runs = (await readRuns(source.source, { cluster, signal })).filter(({ state }) => state === 'done')
  const newest = runs.toSorted((one, other) => other.beganAt - one.beganAt)[0]
  if (newest === undefined)
    return [
      warn(`backup ${spec.name} was never made`, {
        hint: forge('backup', spec.name, '--env', project.environment.name),
        where: showPosition(spec.at),
      }),
    ]
  const { state } = await standingOf(source.source, { cluster, after: undefined, signal })
  return [found(`backup ${spec.name}: ${newestText(newest)}${state === 'fresh' ? ', young enough' : olderText(spec)}`)]
}

function newestText({ ref, beganAt }: BackupRun): string {
  const at = Number.isNaN(beganAt)
    ? 'nobody knows when'
    : `${new Date(beganAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `the newest is ${nameOf(ref)}, ${at}`
}

function olderText({ maxAgeMs }: BackupSpec): string {
  return maxAgeMs === undefined ? '' : ', older than maxAge: a deploy that migrates makes another'
}
