import { keyOf, nameOf, placedIn, refOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving, leavingText } from '../../domain/leaving.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import type { Failure, Target } from '../../domain/readiness/model.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import { runningStatus } from '../../screen/running.ts'
import { workloadText } from '../../screen/stage.ts'
import { sentenceOf } from '../../screen/status-sentence.ts'
import type {
  DeployStatus,
  StageStatus,
  StatusDocument,
  StatusVerdict,
  WorkloadStatus,
} from '../../domain/status/model.ts'
import { isReady } from '../../domain/status/ready.ts'
import { uncheckedStatus, workloadStatus } from '../../domain/status/workload.ts'
import type { Clock } from '../../ports.ts'
import type { OpenScope } from '../state/scope.ts'
import { unknownSince } from '../state/require-known.ts'
import type { Observation } from './observe.ts'
import type { Subject, SubjectCluster } from './subject.ts'
import { forge, hintLine, type HintPlace } from '../../hint.ts'

export interface Described {
  readonly document: StatusDocument
  /** The first in the order of the stages; its pod says whose log shows it. */
  readonly failure: Failure | undefined
}

/** All that is known now, as data. */
export function describeStatus(
  scope: OpenScope<{ readonly cluster: Pick<SubjectCluster, 'context'> }>,
  subject: Subject,
  seen: Observation,
  { clock, here }: { readonly clock: Clock; readonly here: HintPlace },
): Described {
  const { judge } = seen
  const { project, environment, namespace, journal, connected, flags } = scope
  const at = clock.monotonic()
  const stages = stagesOf(subject, seen, namespace, at)
  const failure = subject.stages
    .flatMap(({ targets }) => targets)
    .map((target) => judge.verdict(target, at))
    .find((verdict) => verdict.state === 'failed')
  const leaving = leavingObjects(subject, seen)
  const [newest] = journal.entries
  const { missing, unread, absent } = subject
  const deployed = newest !== undefined || stages.some(({ workloads }) => workloads.length > 0)
  const { live, concealed } = journal
  const unknown = concealed === undefined ? undefined : unknownSince(concealed)
  const standing = { stages, missing, leaving, unread, unknown, live: live !== undefined }
  const document: StatusDocument = {
    apiVersion: 'forge/v1',
    command: 'status',
    project,
    environment,
    namespace,
    cluster: connected.cluster.context,
    ready: isReady(standing),
    sentence: sentenceOf({ ...standing, project, environment, failure: failure?.message, deployed }),
    ...(deployed || absent === undefined ? {} : { absent }),
    live: deployStatus(live),
    last:
      newest === undefined || newest.number === live?.number || newest.state === 'running'
        ? null
        : deployStatus(newest),
    ...pausedStatus(stages),
    running: runningStatus(subject.holder, journal.entries, hintLine(forge('recover', ...flags), here), clock.now()),
    stages: stages.filter(({ workloads }) => workloads.length > 0),
    leaving,
    unread,
    verdict: failure === undefined ? null : verdictOf(failure, namespace, here),
  }
  return { document, failure }
}

/** Since the first of them came to rest. */
function pausedStatus(stages: readonly StageStatus[]): Pick<StatusDocument, 'paused'> {
  const rested = stages.flatMap(({ workloads }) => workloads.filter((one) => one.rested !== undefined))
  const [first] = rested.flatMap((one) => one.rested ?? []).toSorted((a, b) => a.since.localeCompare(b.since))
  return first === undefined ? {} : { paused: { ...first, components: rested.map(({ name }) => name) } }
}

function deployStatus(entry: JournalEntry | undefined): DeployStatus | null {
  if (entry === undefined) return null
  const { number, state, endedAt, startedAt, by, verdict, target } = entry
  return { number, state, at: endedAt ?? startedAt, by, code: verdict?.code, target }
}

/** Of what is looked at anyhow; a workload on its way out says so in its own row. */
function leavingObjects({ stages, installed, held }: Subject, { cache }: Observation): string[] {
  const targets = new Set(stages.flatMap((stage) => stage.targets.map(keyOf)))
  return installed
    .filter((object) => !targets.has(keyOf(object)))
    .flatMap((object) => cache.get(refOf(object)) ?? mapAmong(held, object) ?? [])
    .filter(isLeaving)
    .map((object) => `${nameOf(object)} ${leavingText(object)}`)
}

function mapAmong({ configMaps }: Subject['held'], { kind, metadata }: KubeObject): KubeObject | undefined {
  const found = kind === 'ConfigMap' ? configMaps.get(metadata.name) : undefined
  return found?.metadata.namespace === metadata.namespace ? found : undefined
}

/** While hundreds of workloads roll out, an event changes what is said of one. */
function stagesOf(
  { stages, held, hidden }: Subject,
  { judge, cache, rows }: Observation,
  home: string,
  at: number,
): StageStatus[] {
  const rowKey = (target: Target): string => keyOf(placedIn(target, home))
  for (const target of judge.dirty(at)) rows.delete(rowKey(target))
  const row = (target: StageTarget): WorkloadStatus => {
    const right = hidden.get(target.namespace ?? home)
    if (right !== undefined) return uncheckedStatus(target, home, right)
    const found =
      rows.get(rowKey(target)) ?? workloadStatus(target, { judge, cache, held, home, at, told: workloadText })
    rows.set(rowKey(target), found)
    return found
  }
  return stages.map(({ name, targets }) => ({ name, workloads: targets.map(row) }))
}

function verdictOf({ code, message, chain, hint }: Failure, namespace: string, here: HintPlace): StatusVerdict {
  const [first] = chain
  return {
    code,
    message,
    chain,
    where: first === undefined ? `namespace ${namespace}` : `${first}, namespace ${namespace}`,
    hint: hintLine(hint, here),
  }
}
