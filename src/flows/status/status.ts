import type { StatusDocument } from '../../domain/status/model.ts'
import type { Clock, PodLogs } from '../../ports.ts'
import type { Place } from '../state/place.ts'
import { describeStatus } from './describe.ts'
import { kindsOf, listAll, observation, tellPast } from './observe.ts'
import { readSubject, type SubjectCluster } from './subject.ts'
import type { HintPlace } from '../../hint.ts'
import { unlessItFails } from '../../expected.ts'

export type { StatusDocument }

const LOG_LINES = 6

export type StatusCluster = SubjectCluster & Pick<PodLogs, 'tail'>

export interface StatusPorts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly here: HintPlace
}

export interface Status {
  readonly document: StatusDocument
  /** The last lines of the failing container, each with its pod's name. */
  readonly log: readonly string[]
}

/** `forge status`: one list per kind, judged as a deploy judges. Writes nothing. */
export async function status(
  place: Place<{ readonly cluster: StatusCluster }>,
  { clock, signal, here }: StatusPorts,
): Promise<Status> {
  const { cluster } = place.connected
  const { namespace } = place
  const subject = await readSubject(place, signal)
  const observer = { namespace, clock }
  const seen = observation(subject, observer)
  tellPast(await listAll(cluster, kindsOf(subject, namespace), namespace, signal), seen, observer)
  const { document, failure } = describeStatus(place, subject, seen, { clock, here })
  const { pod } = failure ?? {}
  if (pod === undefined) return { document, log: [] }
  const { name, container, previous } = pod
  const where = { namespace: pod.namespace ?? namespace, name, container }
  // A log that cannot be had leaves the verdict as it is.
  const lines = await unlessItFails(cluster.tail(where, { lines: LOG_LINES, previous }, signal), () => [])
  return { document, log: (lines ?? []).map((line) => `${name} │ ${line}`) }
}
