import { groupOf } from '../../kube.ts'
import { holdOn } from '../../operators/hold.ts'
import { conditionOf, type Condition } from '../conditions.ts'
import { conditionGroups, saysNothing, wordOf, type ConditionGroup } from '../foreign-status.ts'
import { conditionMark } from '../marks.ts'
import { ALWAYS_FRESH, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { paused, progressing, ready, type Assess, type Progress } from './assessment.ts'
import { isCertificate, issuanceSymptoms } from './issuance.ts'
import { observationOf } from './observed.ts'
import { ownWords, type OwnWords } from './own-words.ts'
import { notReady, reportedSymptoms } from './reported.ts'

/**
 * Conditions that say that it, or a step towards it, is done; each that a resource has must be true. Beside Ready and its
 * synonyms: Crossplane's and Sealed Secrets' Synced, those of the Gateway API
 * (https://gateway-api.sigs.k8s.io/guides/implementers/#conditions), the Prometheus operator's Reconciled, RabbitMQ's three. The
 * first that is there speaks.
 */
const POSITIVE = [
  ...['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete', 'Completed'],
  ...['Accepted', 'Programmed', 'ResolvedRefs', 'Synced', 'Reconciled', 'Established', 'Offered', 'LastAsyncOperation'],
  ...['AllReplicasReady', 'ClusterAvailable', 'ReconcileSuccess'],
]

/** Conditions with which a controller says that it is still at work, or that something is wrong (NotReady: Strimzi's). */
const NEGATIVE = ['Issuing', 'Degraded', 'InvalidSpec', 'NotReady', 'Reconciling']

/** Conditions with which a controller says that it has given up. */
const GIVEN_UP = ['Stalled', 'Failed']

/**
 * Any other kind, by the conventions of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus): what was observed, then the conditions
 * Stalled, Reconciling and Ready, with those that other controllers use. A kind that reports nothing at all is taken as it is
 * after a moment (`statusGraceMs`).
 */
export const assessCustom: Assess = (entry, context) => {
  const groups = conditionGroups(entry.object)
  const own = ownWords(entry, context)
  const { progress, until, isObserved, isUnanswered } = judge(entry, groups, own, context)
  const pods = context.cache.podsBelow(entry.uid)
  const isReady = progress.state === 'ready'
  return {
    progress,
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: isReady ? [] : pods,
    old: isReady ? pods : [],
    symptoms: isObserved && progress.state !== 'paused' ? wrongOf(entry, groups, own, progress, context) : [],
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
    isUnanswered,
    ...(until === undefined ? {} : { until }),
  }
}

interface Judged {
  readonly progress: Progress
  readonly until?: number
  /** What the status says against it is about this spec. */
  readonly isObserved: boolean
  readonly isUnanswered: boolean
}

function judge(
  entry: ObservedObject,
  groups: readonly ConditionGroup[],
  own: OwnWords | undefined,
  context: RuleContext,
): Judged {
  const { at, kubectl } = context
  const hold = holdOn(entry.object)
  if (hold !== undefined)
    return { progress: paused(hold.reason, kubectl(hold.release)), isObserved: true, isUnanswered: false }
  const isMute = saysNothing(entry.object)
  const until = isMute ? mayComeUntil(entry, context) : undefined
  if (until !== undefined && at < until)
    return { progress: progressing('no status yet'), until, isObserved: false, isUnanswered: true }
  return judgeObserved(entry, groups, own, isMute, context)
}

/** One that was there before and never had a status gets none by waiting. */
function mayComeUntil(entry: ObservedObject, { options, isNew }: RuleContext): number | undefined {
  return !options.sinceBaseline || isNew(entry) ? entry.bornAt + options.statusGraceMs : undefined
}

function judgeObserved(
  entry: ObservedObject,
  groups: readonly ConditionGroup[],
  own: OwnWords | undefined,
  isMute: boolean,
  context: RuleContext,
): Judged {
  const observation = observationOf(entry, generationsOf(groups), context)
  const said = own?.progress ?? judgeConditions(entry, groups)
  if (observation.state === 'awaited') {
    const { reason, until } = observation
    // Flux counts the status on only when all is well, and its conditions at once.
    const speaks =
      observation.speaks === true || openIn(entry, groups).some(({ condition }) => isCurrent(condition, entry))
    const progress = speaks && said.state !== 'ready' ? said : progressing(reason)
    return { progress, isObserved: speaks, isUnanswered: !speaks, ...(until === undefined ? {} : { until }) }
  }
  const isUnanswered = isMute || observation.state === 'silent'
  if (said.state !== 'ready' || observation.state === 'observed')
    return { progress: said, isObserved: true, isUnanswered }
  return { progress: ready(said.detail, observation.remark), isObserved: true, isUnanswered }
}

/** That nothing is wrong is said once, and then not counted on (cert-manager's Issuing): it says nothing of any spec. */
function generationsOf(groups: readonly ConditionGroup[]): (number | undefined)[] {
  return groups
    .flatMap(({ conditions }) => reliedUpon(conditions))
    .filter(({ type, status }) => !(NEGATIVE.includes(type) && status === 'False'))
    .map(({ observedGeneration }) => observedGeneration)
}

/** What is wrong comes first. */
function reliedUpon(conditions: readonly Condition[]): Condition[] {
  return [...NEGATIVE, ...POSITIVE].flatMap((type) => conditionOf(conditions, type) ?? [])
}

interface Said {
  readonly of: string | undefined
  readonly condition: Condition
}

function saidIn(groups: readonly ConditionGroup[]): Said[] {
  return groups.flatMap(({ of, conditions }) => reliedUpon(conditions).map((condition) => ({ of, condition })))
}

/** What is not as it should be, what speaks of this spec first. */
function openIn(entry: ObservedObject, groups: readonly ConditionGroup[]): Said[] {
  const open = saidIn(groups).filter(
    ({ condition: { type, status } }) => status !== (NEGATIVE.includes(type) ? 'False' : 'True'),
  )
  const current = open.filter(({ condition }) => isCurrent(condition, entry))
  return [...current, ...open.filter((one) => !current.includes(one))]
}

function isCurrent({ observedGeneration }: Condition, { object: { metadata } }: ObservedObject): boolean {
  return observedGeneration !== undefined && observedGeneration >= (metadata.generation ?? 0)
}

function judgeConditions(entry: ObservedObject, groups: readonly ConditionGroup[]): Progress {
  const known = saidIn(groups)
  const all = openIn(entry, groups)
  // That it tries again says less than why.
  const open = all.find(({ condition: { type } }) => type !== 'Reconciling') ?? all[0]
  if (open !== undefined) {
    const { of, condition } = open
    const type = condition.type.toLowerCase()
    const said = sayOf(condition, NEGATIVE.includes(condition.type) ? type : `not ${type}`)
    return progressing(of === undefined ? said : `${of}: ${said}`)
  }
  const done = known.find(({ condition: { type } }) => !NEGATIVE.includes(type))
  if (done !== undefined) return ready(sayOf(done.condition, done.condition.type.toLowerCase()))
  return judgeWord(entry.object, groups)
}

/** Without a condition that tells: many have one word for what they do (`phase`, `state`). */
function judgeWord(object: ObservedObject['object'], groups: readonly ConditionGroup[]): Progress {
  const word = wordOf(object)
  if (word !== undefined) return word.isOpen ? progressing(word.text) : ready(word.text)
  const others = groups.flatMap(({ conditions }) => conditions.map(({ type, status }) => `${type} ${status}`))
  return ready(
    others.length === 0 ? 'reports no conditions' : `does not say whether it is ready (${others.join(', ')})`,
  )
}

function sayOf({ reason, message }: Condition, otherwise: string): string {
  const text = words(message ?? '', 80)
  return text === '' ? (reason ?? otherwise) : text
}

function wrongOf(
  entry: ObservedObject,
  groups: readonly ConditionGroup[],
  own: OwnWords | undefined,
  progress: Progress,
  context: RuleContext,
): Symptom[] {
  const deeper = isCertificate(entry.object) && progress.state !== 'ready' ? issuanceSymptoms(entry, context) : []
  if (deeper.length > 0) return deeper
  const reported = progress.state === 'ready' ? [] : reportedSymptoms(entry, groups, context)
  const given = givenUp(entry, groups, reported[0], context)
  if (given.length > 0) return given
  return own?.wrong === undefined ? reported : [notReady(entry, own.wrong, context)]
}

function givenUp(
  entry: ObservedObject,
  groups: readonly ConditionGroup[],
  reported: Symptom | undefined,
  context: RuleContext,
): Symptom[] {
  const { apiVersion, kind, metadata } = entry.object
  const { generation = 0 } = metadata
  const condition = groups
    .flatMap(({ conditions }) => GIVEN_UP.map((type) => conditionOf(conditions, type)))
    .find((one) => one?.status === 'True' && (one.observedGeneration ?? generation) >= generation)
  if (condition === undefined) return []
  const said = sayOf(condition, 'its controller did not say why')
  const why = reported === undefined ? '' : ` (${reported.message.replace(/^does not get ready: /u, '')})`
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is ${condition.type.toLowerCase()}: ${said}${why.includes(said) ? '' : why}`,
      brief: condition.reason ?? condition.type.toLowerCase(),
      on: entry,
      below: [],
      hint: context.kubectl(['describe', `${kind.toLowerCase()}.${groupOf(apiVersion)}`, metadata.name]),
      dueAt: 0,
      seq: entry.marks.get(conditionMark(condition))?.seq ?? ALWAYS_FRESH,
    },
  ]
}
