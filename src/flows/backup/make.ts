import { sourceName, type BackupMade, type BackupSource, type BackupStanding } from '../../domain/backup/model.ts'
import { isAlone } from '../../domain/backup/objects.ts'
import { nameOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { saidBy, untilJobEnds } from './by-job.ts'
import { untilCompleted } from './by-operator.ts'
import { create, firstFree, type Deadline, type Ended, type Making } from './making.ts'
import { readRuns, toCreate } from '../plan/backup-standing.ts'

type Standing = Exclude<BackupStanding, { readonly state: 'nothing' | 'skipped' | 'unknown' }>
type Made = Omit<BackupMade, 'before'>

/** The one that is fresh enough, the one that runs and will be, or a new one. Throws E_BACKUP_FAILED, E_BACKUP_TIMEOUT. */
export async function makeSure(standing: Standing, suffix: string, making: Making): Promise<Made> {
  const { source } = standing
  const { timeoutMs } = source.spec
  const deadline = { timeoutMs, at: making.ports.clock.monotonic() + timeoutMs }
  if (standing.state === 'fresh') {
    const { ref } = standing.run
    const said = ref.kind === 'Job' ? await saidBy(ref, making) : undefined
    return { ...told(source, ref, standing.run.beganAt, said), fresh: true }
  }
  if (standing.state === 'running') {
    const ended = await endOf(standing.run.ref, source, deadline, making)
    if (ended !== undefined) return { ...toldOf(source, standing.run.ref, ended), fresh: true }
  }
  await untilAlone(source, deadline, making)
  return await makeNew(source, suffix, deadline, making)
}

async function makeNew(source: BackupSource, suffix: string, deadline: Deadline, making: Making): Promise<Made> {
  const object = await firstFree((again) => toCreate(source, suffix, again), making)
  const ref = refOf(object)
  if (ref.kind === 'Job') {
    const begin = async (): Promise<void> => await create(object, making)
    return toldOf(source, ref, await untilJobEnds(ref, begin, source, deadline, making))
  }
  await create(object, making)
  return toldOf(source, ref, await untilCompleted(ref, source, deadline, making))
}

/** A CronJob that says Forbid has one Job at a time: the one that runs is waited for, however it ends. */
async function untilAlone(source: BackupSource, deadline: Deadline, making: Making): Promise<void> {
  if (source.cluster !== undefined || !isAlone(source.object)) return
  const runs = await readRuns(source, making)
  for (const { ref, state } of runs) if (state === 'running') await endOf(ref, source, deadline, making)
}

/** Undefined: it has failed. */
async function endOf(
  ref: ObjectRef,
  source: BackupSource,
  deadline: Deadline,
  making: Making,
): Promise<Ended | undefined> {
  try {
    return ref.kind === 'Job'
      ? await untilJobEnds(ref, undefined, source, deadline, making)
      : await untilCompleted(ref, source, deadline, making)
  } catch (error) {
    if (error instanceof ForgeError && error.code === 'E_BACKUP_FAILED') return undefined
    throw error
  }
}

function toldOf(source: BackupSource, ref: ObjectRef, { object, said }: Ended): Made {
  return told(source, ref, beganAt(object), said)
}

function beganAt({ metadata, status }: KubeObject): number {
  const { startTime, startedAt } = (status ?? {}) as { readonly startTime?: string; readonly startedAt?: string }
  return Date.parse(startTime ?? startedAt ?? metadata.creationTimestamp ?? '')
}

function told({ spec }: BackupSource, ref: ObjectRef, at: number, said: string | undefined): Made {
  const object = nameOf(ref)
  return {
    name: spec.name,
    from: sourceName(spec),
    object,
    id: said ?? object,
    at: Number.isNaN(at) ? '' : new Date(at).toISOString(),
  }
}
