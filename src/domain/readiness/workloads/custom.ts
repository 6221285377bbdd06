import { groupOf } from '../../kube.ts'
import { conditionOf, type Condition } from '../conditions.ts'
import { conditionGroups, saysNothing, wordOf, type ConditionGroup } from '../foreign-status.ts'
import { ALWAYS_FRESH, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, ready, type Assess, type Progress } from './assessment.ts'
import { observationOf } from './observed.ts'

/**
 * Conditions that say that it, or a step towards it, is done; each that a resource has must be true. Beside Ready and its
 * synonyms: Crossplane's and Sealed Secrets' Synced, those of the Gateway API
 * (https://gateway-api.sigs.k8s.io/guides/implementers/#conditions), the Prometheus operator's Reconciled. The first that is there speaks.
 */
const POSITIVE = [
  ...['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete', 'Completed'],
  ...['Accepted', 'Programmed', 'ResolvedRefs', 'Synced', 'Reconciled', 'Established', 'Offered', 'LastAsyncOperation'],
]

/** Conditions with which a controller says that it is still at work, or that something is wrong. */
const NEGATIVE = ['Reconciling', 'Issuing', 'Degraded', 'InvalidSpec']

/** Conditions with which a controller says that it has given up. */
const GIVEN_UP = ['Stalled', 'Failed']

/**
 * Any other kind, by the conventions of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus): what was observed, then the conditions
 * Stalled, Reconciling and Ready, with those that other controllers use. A kind that reports nothing at all is taken as it is
 * after a moment (`statusGraceMs`).
 */
export const assessCustom: Assess = (entry, context) => {
  const groups = conditionGroups(entry.object)
  const { progress, until, isObserved } = judge(entry, groups, context)
  const pods = context.cache.podsBelow(entry.uid)
  const isReady = progress.state === 'ready'
  return {
    progress,
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: isReady ? [] : pods,
    old: isReady ? pods : [],
    symptoms: isObserved ? givenUp(entry, groups, context) : [],
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
    ...(until === undefined ? {} : { until }),
  }
}

interface Judged {
  readonly progress: Progress
  readonly until?: number
  readonly isObserved: boolean
}

function judge(entry: ObservedObject, groups: readonly ConditionGroup[], context: RuleContext): Judged {
  const { options, at } = context
  const graceEnd = entry.bornAt + options.statusGraceMs
  // One that was there before and never had a status gets none by waiting.
  const mayCome = !options.sinceBaseline || context.isNew(entry)
  if (saysNothing(entry.object) && mayCome && at < graceEnd)
    return { progress: progressing('no status yet'), until: graceEnd, isObserved: false }
  const relied = groups.flatMap(({ conditions }) => reliedUpon(conditions))
  const observation = observationOf(
    entry,
    relied.map((condition) => condition.observedGeneration),
    context,
  )
  if (observation.state === 'awaited') {
    const { reason, until } = observation
    return { progress: progressing(reason), isObserved: false, ...(until === undefined ? {} : { until }) }
  }
  const progress = judgeConditions(entry, groups)
  if (progress.state !== 'ready' || observation.state === 'observed') return { progress, isObserved: true }
  return { progress: ready(progress.detail, observation.remark), isObserved: true }
}

/** What is wrong comes first. */
function reliedUpon(conditions: readonly Condition[]): Condition[] {
  return [...NEGATIVE, ...POSITIVE].flatMap((type) => conditionOf(conditions, type) ?? [])
}

function judgeConditions({ object }: ObservedObject, groups: readonly ConditionGroup[]): Progress {
  const known = groups.flatMap(({ of, conditions }) => reliedUpon(conditions).map((condition) => ({ of, condition })))
  const open = known.find(({ condition: { type, status } }) => status !== (NEGATIVE.includes(type) ? 'False' : 'True'))
  if (open !== undefined) {
    const { of, condition } = open
    const type = condition.type.toLowerCase()
    const said = sayOf(condition, NEGATIVE.includes(condition.type) ? type : `not ${type}`)
    return progressing(of === undefined ? said : `${of}: ${said}`)
  }
  const done = known.find(({ condition: { type } }) => !NEGATIVE.includes(type))
  if (done !== undefined) return ready(sayOf(done.condition, done.condition.type.toLowerCase()))
  return judgeWord(object, groups)
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

function givenUp(entry: ObservedObject, groups: readonly ConditionGroup[], context: RuleContext): Symptom[] {
  const { apiVersion, kind, metadata } = entry.object
  const { generation = 0 } = metadata
  const condition = groups
    .flatMap(({ conditions }) => GIVEN_UP.map((type) => conditionOf(conditions, type)))
    .find((one) => one?.status === 'True' && (one.observedGeneration ?? generation) >= generation)
  if (condition === undefined) return []
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is ${condition.type.toLowerCase()}: ${sayOf(condition, 'its controller did not say why')}`,
      brief: condition.reason ?? condition.type.toLowerCase(),
      on: entry,
      below: [],
      hint: context.kubectl(['describe', `${kind.toLowerCase()}.${groupOf(apiVersion)}`, metadata.name]),
      dueAt: 0,
      seq: entry.marks.get(`${condition.type}=True:${condition.reason ?? ''}`)?.seq ?? ALWAYS_FRESH,
    },
  ]
}
