import { namesSaid } from '../../domain/backup/objects.ts'
import type { BackupSource } from '../../domain/backup/model.ts'
import { nameOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { duration } from '../../domain/readiness/failure.ts'
import { ForgeError } from '../../errors.ts'
import type { StageFailure } from '../follow.ts'
import { podsOfJob } from '../observe/job-pods.ts'
import { readExpectations } from '../prove/expectations.ts'
import { JobLogs } from '../prove/job-logs.ts'
import { underWatch } from '../prove/under-watch.ts'
import { couldNot, type Deadline, type Ended, type Making } from './making.ts'

/** Of a log that are told when it fails. */
const TOLD = 6
const STAGE = 'backup'

/**
 * Until a Job of the CronJob has ended, its log streamed as that of a migration is; what keeps its pods from starting is judged
 * as theirs is. `begin` makes it; undefined: it runs already.
 */
export async function untilJobEnds(
  ref: ObjectRef,
  begin: (() => Promise<unknown>) | undefined,
  source: BackupSource,
  deadline: Deadline,
  making: Making,
): Promise<Ended> {
  const { cluster, ports, report, signal } = making
  const { clock, redactor } = ports
  const { namespace } = source
  const stage = { name: STAGE, timeoutMs: Math.max(deadline.at - clock.monotonic(), 1), targets: [ref] }
  const scene = { cluster, project: { environment: { namespace } } }
  const lines: string[] = []
  const end = await underWatch(scene, { clock, tell: undefined }, [stage], signal, async (follower) => {
    const logs = new JobLogs(
      { judge: { madePods: () => follower.cache.podsOf(ref).map((pod) => ({ pod, gone: false })) }, logs: cluster },
      ({ source: container, text }) => {
        lines.push(redactor.text(text))
        if (lines.length > TOLD) lines.shift()
        report.line(container, text)
      },
      signal,
    )
    follower.onTouch(stage.targets, (job) => logs.look(job))
    await begin?.()
    making.going.add(nameOf(ref))
    follower.released(await readExpectations(cluster, [stage], namespace, signal))
    const found = await follower.stage(STAGE, (standing) => report.detail({ stage: standing }))
    await logs.ended(stage.targets, { clock, signal })
    return { found, seen: follower.cache.get(ref) }
  })
  const { found, seen } = end
  if (found.state === 'failed') throw failureOf(found.failed, source, deadline, making, lines)
  making.going.delete(nameOf(ref))
  const object = (await cluster.get(ref, signal)) ?? seen
  if (object === undefined) throw couldNot(source, ref, `${nameOf(ref)} is gone, and nobody saw it end well`)
  return { object: { ...object, ...kindOf(ref) }, said: await saidBy(ref, making) }
}

function kindOf({ apiVersion, kind }: ObjectRef): Pick<KubeObject, 'apiVersion' | 'kind'> {
  return { apiVersion, kind }
}

/** What its container said last; a pod that is gone says nothing. */
export async function saidBy(
  job: ObjectRef,
  { cluster, ports, signal }: Pick<Making, 'cluster' | 'signal' | 'ports'>,
): Promise<string | undefined> {
  const said = namesSaid(await podsOfJob(job, cluster, signal))
  return said === undefined ? undefined : ports.redactor.text(said)
}

function failureOf(
  { failure, target }: StageFailure,
  source: BackupSource,
  { at, timeoutMs }: Deadline,
  { ports, going }: Making,
  log: readonly string[],
): ForgeError {
  const details = { hint: failure.hint, chain: failure.chain, log, where: nameOf(target) }
  const { spec } = source
  if (ports.clock.monotonic() < at) {
    going.delete(nameOf(target))
    return couldNot(source, target, failure.message, details)
  }
  const why = failure.message.replace(/ \(stage backup waited [^)]*\)$/u, '')
  return new ForgeError(
    'E_BACKUP_TIMEOUT',
    `backup ${spec.name} is not there after ${duration(timeoutMs)}: ${why}`,
    details,
  )
}
