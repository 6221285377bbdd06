import type { BackupSource } from '../../domain/backup/model.ts'
import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { duration } from '../../domain/readiness/failure.ts'
import { ForgeError } from '../../errors.ts'
import { couldNot, described, type Deadline, type Ended, type Making } from './making.ts'

interface Status {
  readonly phase?: string
  readonly error?: string
}

/** Until CloudNativePG has completed a Backup, by watch. */
export async function untilCompleted(
  ref: ObjectRef,
  source: BackupSource,
  deadline: Deadline,
  making: Making,
): Promise<Ended> {
  const { cluster, ports, report } = making
  const over = new AbortController()
  const signal = AbortSignal.any([making.signal, over.signal])
  const { apiVersion, kind, namespace = '' } = ref
  making.going.add(nameOf(ref))
  let last: KubeObject | undefined
  const late = ports.clock.after(Math.max(deadline.at - ports.clock.monotonic(), 1), signal).then(
    () => over.abort(),
    () => undefined,
  )
  try {
    for await (const { initial, events } of cluster.watch([{ apiVersion, kind, namespace }], namespace, signal)) {
      const own = events.filter(({ object }) => keyOf(object) === keyOf(ref))
      const gone = own.at(-1)?.type === 'gone' || (initial && own.length === 0)
      if (gone) throw couldNot(source, ref, `somebody has deleted ${nameOf(ref)}`)
      last = own.at(-1)?.object ?? last
      const { phase } = statusOf(last)
      report.detail(`${nameOf(ref)}: ${phase ?? 'not taken up yet'}`)
      if (last !== undefined && isOver(last, ref, source, making)) return { object: last }
    }
  } finally {
    over.abort()
    await late
  }
  making.signal.throwIfAborted()
  throw timedOut(ref, source, deadline, statusOf(last))
}

/** Throws E_BACKUP_FAILED. */
function isOver(backup: KubeObject, ref: ObjectRef, source: BackupSource, { going }: Making): boolean {
  const { phase, error = '' } = statusOf(backup)
  if (phase !== 'completed' && phase !== 'failed') return false
  going.delete(nameOf(ref))
  if (phase === 'failed') throw couldNot(source, ref, said(error) ?? 'its operator says no reason')
  return true
}

function statusOf(backup: KubeObject | undefined): Status {
  return backup?.['status'] ?? {}
}

/** One sentence of what an operator wrote down. */
function said(error: string): string | undefined {
  const text = error.trim().replaceAll(/\s+/gu, ' ')
  return text === '' ? undefined : text
}

function timedOut(
  ref: ObjectRef,
  { spec }: BackupSource,
  { timeoutMs }: Deadline,
  { phase, error = '' }: Status,
): ForgeError {
  const why =
    phase === undefined
      ? `nobody has taken up ${nameOf(ref)}: does the operator of CloudNativePG run?`
      : `${nameOf(ref)} is ${phase}${said(error) === undefined ? '' : `: ${said(error) ?? ''}`}`
  return new ForgeError('E_BACKUP_TIMEOUT', `backup ${spec.name} is not there after ${duration(timeoutMs)}: ${why}`, {
    hint: described(ref),
    where: nameOf(ref),
    chain: [nameOf(ref)],
  })
}
