import type { StatusDocument } from '../../domain/status/model.ts'
import { namesToSpare } from '../../domain/redact/names.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import type { Clock, PodLogs } from '../../ports.ts'
import { learnSecrets } from '../state/known-secrets.ts'
import type { OpenScope } from '../state/scope.ts'
import { Actors } from '../observe/actors.ts'
import { describeStatus } from './describe.ts'
import { kindsOf, listAll, observation, tellPast } from './observe.ts'
import { readSubject, type SubjectCluster } from './subject.ts'
import type { HintPlace } from '../../hint.ts'
import type { HeldPorts } from '../vault/held.ts'
import { unlessItFails } from '../../expected.ts'

export type { StatusDocument }

const LOG_LINES = 6

export type StatusCluster = SubjectCluster & Pick<PodLogs, 'tail'>

type StatusScope = OpenScope<{ readonly cluster: StatusCluster }>

export interface StatusPorts extends HeldPorts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly here: HintPlace
  readonly redactor: Pick<Redactor, 'text' | 'add' | 'spare'>
}

export interface Status {
  readonly document: StatusDocument
  /** The last lines of the failing container, each with its pod's name. */
  readonly log: readonly string[]
}

/** `forge status`: one list per kind, judged as a deploy judges. Writes nothing. */
export async function status(scope: StatusScope, ports: StatusPorts): Promise<Status> {
  const { clock, signal, here, redactor } = ports
  const { cluster } = scope.connected
  const { namespace } = scope
  const subject = await readSubject(scope, signal, ports)
  const actors = new Actors({ cluster, clock }, [], signal)
  const observer = { namespace, clock, actors }
  const seen = observation(subject, observer)
  const objects = await listAll(cluster, kindsOf(subject, namespace), namespace, signal)
  await actors.known(objects)
  tellPast(objects, seen, observer)
  const { document, failure } = describeStatus(scope, subject, seen, { clock, here })
  if (failure === undefined) return { document, log: [] }
  // What failed speaks for itself, in its log and in its messages.
  redactor.spare([scope.project, namespace, ...namesToSpare(objects)])
  return { document, log: await lastLines(failure, scope, { redactor, signal }) }
}

/** None where the log cannot be had, or nobody could tell what is secret in it: the verdict stays as it is. */
async function lastLines(
  { pod }: NonNullable<ReturnType<typeof describeStatus>['failure']>,
  { project, namespace, connected: { cluster } }: StatusScope,
  { redactor, signal }: Pick<StatusPorts, 'redactor' | 'signal'>,
): Promise<string[]> {
  const read = async (): Promise<string[]> => {
    await learnSecrets({ cluster, project, namespace }, redactor, signal)
    if (pod === undefined) return []
    const { name, container, previous } = pod
    const where = { namespace: pod.namespace ?? namespace, name, container }
    const lines = await cluster.tail(where, { lines: LOG_LINES, previous }, signal)
    return (lines ?? []).map((line) => `${name} │ ${redactor.text(line)}`)
  }
  return await unlessItFails(read(), () => [])
}
