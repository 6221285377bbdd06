import type { Failure } from '../../domain/readiness/model.ts'
import { deployStatus, runningStatus } from '../../domain/status/lock.ts'
import type { StageStatus, StatusDocument, StatusVerdict } from '../../domain/status/model.ts'
import { isReady, sentenceOf } from '../../domain/status/sentence.ts'
import { workloadStatus } from '../../domain/status/workload.ts'
import type { Clock } from '../../ports.ts'
import type { Place } from '../state/place.ts'
import type { Observation } from './observe.ts'
import type { Subject, SubjectCluster } from './subject.ts'

export interface Described {
  readonly document: StatusDocument
  /** The first in the order of the stages; its pod says whose log shows it. */
  readonly failure: Failure | undefined
}

/** All that is known now, as data. */
export function describeStatus(
  place: Place<{ readonly cluster: Pick<SubjectCluster, 'context'> }>,
  subject: Subject,
  { judge, world }: Observation,
  clock: Clock,
): Described {
  const { project, environment, namespace, journal, connected, flags } = place
  const at = clock.monotonic()
  const stages = subject.stages.map(({ name, targets }): StageStatus => {
    const workloads = targets.map((target) => workloadStatus(target, { judge, world, held: subject.held, at }))
    return { name, workloads }
  })
  const failure = subject.stages
    .flatMap(({ targets }) => targets)
    .map((target) => judge.verdict(target, at))
    .find((verdict) => verdict.state === 'failed')
  const [newest] = journal.entries
  const { live } = journal
  const document: StatusDocument = {
    apiVersion: 'forge/v1',
    command: 'status',
    project,
    environment,
    namespace,
    cluster: connected.cluster.context,
    ready: isReady(stages),
    sentence: sentenceOf({
      project,
      environment,
      stages,
      failure: failure?.message,
      deployed: newest !== undefined || stages.some(({ workloads }) => workloads.length > 0),
    }),
    live: deployStatus(live),
    last:
      newest === undefined || newest.number === live?.number || newest.state === 'running'
        ? null
        : deployStatus(newest),
    running: runningStatus(subject.holder, journal.entries, flags, clock.now()),
    stages: stages.filter(({ workloads }) => workloads.length > 0),
    verdict: failure === undefined ? null : verdictOf(failure, namespace),
  }
  return { document, failure }
}

function verdictOf({ code, message, chain, hint }: Failure, namespace: string): StatusVerdict {
  const [first] = chain
  return {
    code,
    message,
    chain,
    where: first === undefined ? `namespace ${namespace}` : `${first}, namespace ${namespace}`,
    hint,
  }
}
