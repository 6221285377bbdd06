import { groupOf } from '../../kube.ts'
import type { Verdict } from '../model.ts'
import { conditionOf, isPodReady, podStatusOf, statusOf, type Condition } from '../shapes.ts'
import { ALWAYS_FRESH, words, type Scene, type Signal } from '../signal.ts'
import { endedSignal } from '../rules/ended.ts'
import { claimSignal } from '../rules/volume.ts'
import type { Entry } from '../world.ts'
import { UNOBSERVED, isObserved, progressing, ready, type Assess, type Progress } from './assessment.ts'

/** A condition that says "done", in the order in which controllers' words are trusted. */
const POSITIVE = ['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete']

/** Conditions with which a controller says that it has given up. */
const GIVEN_UP = ['Stalled', 'Failed']

/**
 * Any other kind, by the conventions of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus): observedGeneration, then the conditions
 * Stalled, Reconciling and Ready. A kind that reports nothing at all is taken as it is after a moment (`statusGraceMs`).
 */
export const assessCustom: Assess = (entry, scene) => {
  const { conditions = [], observedGeneration } = statusOf(entry.object)
  const observed = observedGeneration === undefined || isObserved(entry, observedGeneration)
  const pods = scene.world.podsBelow(entry.uid)
  const progress = observed ? judgeConditions(entry, conditions, scene) : progressing(UNOBSERVED)
  return {
    progress,
    counts: { ready: progress.state === 'ready' ? 1 : 0, wanted: 1 },
    current: progress.state === 'ready' ? [] : pods,
    old: progress.state === 'ready' ? pods : [],
    signals: observed ? givenUp(entry, conditions, scene) : [],
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
  }
}

function judgeConditions(entry: Entry, conditions: readonly Condition[], { options, at }: Scene): Progress {
  const reconciling = conditionOf(conditions, 'Reconciling')
  if (reconciling?.status === 'True') return progressing(sayOf(reconciling, 'reconciling'))
  const positive = POSITIVE.map((type) => conditionOf(conditions, type)).find((condition) => condition !== undefined)
  if (positive !== undefined)
    return positive.status === 'True'
      ? ready(sayOf(positive, positive.type.toLowerCase()))
      : progressing(sayOf(positive, `not ${positive.type.toLowerCase()}`))
  if (entry.object['status'] === undefined && at < entry.bornAt + options.statusGraceMs)
    return progressing('no status yet')
  return ready('reports no conditions')
}

function sayOf({ reason, message }: Condition, otherwise: string): string {
  const text = words(message ?? '', 80)
  return text === '' ? (reason ?? otherwise) : text
}

function givenUp(entry: Entry, conditions: readonly Condition[], scene: Scene): Signal[] {
  const condition = GIVEN_UP.map((type) => conditionOf(conditions, type)).find((one) => one?.status === 'True')
  if (condition === undefined) return []
  const { apiVersion, kind, metadata } = entry.object
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is ${condition.type.toLowerCase()}: ${sayOf(condition, 'its controller did not say why')}`,
      brief: condition.reason ?? condition.type.toLowerCase(),
      on: entry,
      below: [],
      hint: scene.kubectl(['describe', `${kind.toLowerCase()}.${groupOf(apiVersion)}`, metadata.name]),
      dueAt: 0,
      seq: entry.marks.get(`${condition.type}=True:${condition.reason ?? ''}`)?.seq ?? ALWAYS_FRESH,
    },
  ]
}

/** A pod that is waited for by its own name (a chart's bare Pod). */
export const assessPod: Assess = (entry, scene) => {
  const isDone = podStatusOf(entry.object).phase === 'Succeeded'
  const isReady = isPodReady(entry.object)
  return {
    progress: isDone
      ? ready('done')
      : isReady
        ? ready('1/1')
        : progressing(podStatusOf(entry.object).phase ?? 'pending'),
    counts: { ready: isDone || isReady ? 1 : 0, wanted: 1 },
    current: [entry],
    old: [],
    signals: endedSignal(entry, scene),
    countsCrashes: true,
    expectedPods: 0,
    settles: !isDone,
  }
}

/** Bound; one that waits for its first consumer has done all that it can. */
export const assessClaim: Assess = (entry, scene) => {
  const { phase = 'Pending' } = statusOf(entry.object)
  const waits = scene.world.notesOn(entry.uid).some(({ reason }) => reason === 'WaitForFirstConsumer')
  const isReady = phase === 'Bound' || (phase === 'Pending' && waits)
  return {
    progress: isReady
      ? ready(phase === 'Bound' ? 'bound' : 'waits for its first consumer')
      : progressing(phase.toLowerCase()),
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: [],
    old: [],
    signals: isReady ? [] : claimSignal(entry, scene),
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}

/** A custom resource without any status becomes "as it is" by time alone. */
export function statusDeadline(top: Entry, verdict: Pick<Verdict, 'state'>, { options, at }: Scene): number[] {
  const time = top.bornAt + options.statusGraceMs
  return verdict.state === 'progressing' && top.object['status'] === undefined && time > at ? [time] : []
}
