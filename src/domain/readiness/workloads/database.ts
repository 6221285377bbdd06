import type { Hint } from '../../../hint.ts'
import { conditionOf, isTrue } from '../conditions.ts'
import { ALWAYS_FRESH, type RuleContext, type Symptom } from '../symptom.ts'
import { specOf, statusOf } from '../shapes.ts'
import type { ObservedObject } from '../object-cache.ts'
import { paused, progressing, ready, type Assess, type Progress } from './assessment.ts'
import { observationOf, type Observation } from './observed.ts'

const HEALTHY = 'Cluster in healthy state'

/**
 * Phases in which CloudNativePG does nothing more until somebody acts (api/v1/cluster_types.go of version 1.27; they are whole
 * sentences and compared as such). `Waiting for user action` is one only where an update is supervised.
 */
const GIVEN_UP = new Set([
  'Cluster is unrecoverable and needs manual intervention',
  'Cluster is in an unrecoverable state, needs manual intervention',
  'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
  'Cluster has incomplete or invalid image catalog',
  'Cluster cannot execute instance online upgrade due to missing architecture binary',
  'Unable to create required cluster objects',
])

/** A switched-off database is wanted so (https://cloudnative-pg.io/documentation/current/declarative_hibernation/). */
const HIBERNATION = 'cnpg.io/hibernation'

/** Its operator is told to leave it alone: nothing that is written into it has any effect. */
const LOOP = 'cnpg.io/reconciliationLoop'

export interface DatabaseFacts {
  readonly observation: Observation
  /** It sleeps, as somebody wants; `asleep`: its operator says that it does. */
  readonly hibernated: boolean
  readonly asleep: boolean
  readonly leftAlone: boolean
  /** The commands that end it. */
  readonly wake?: Hint
  readonly resume?: Hint
  readonly instances: number
  readonly readyInstances: number
  readonly phase: string
}

/** CloudNativePG's Cluster: all instances ready, and its own word that nothing is left to do. */
export function judgeDatabase(facts: DatabaseFacts): Progress {
  const { observation, hibernated, asleep, leftAlone, instances, readyInstances, phase } = facts
  const counts = { ready: readyInstances, wanted: instances }
  if (leftAlone) return paused(`its operator leaves it alone (${LOOP}: disabled)`, facts.resume)
  if (hibernated) return asleep ? ready('hibernated') : paused(`it is hibernated (${HIBERNATION})`, facts.wake)
  if (observation.state === 'awaited') return progressing(observation.reason, counts)
  if (readyInstances < instances)
    return progressing(`${readyInstances}/${instances} instances ready${phase === '' ? '' : `: ${phase}`}`, counts)
  if (phase !== HEALTHY) return progressing(phase === '' ? 'no status yet' : phase, counts)
  return ready(`${readyInstances}/${instances}`, observation.state === 'silent' ? observation.remark : undefined)
}

export const assessDatabase: Assess = (entry, context) => {
  const { object } = entry
  const { instances = 1 } = specOf(object)
  const { readyInstances = 0, phase = '', conditions } = statusOf(object)
  // No version of its operator writes an observedGeneration (status of api/v1/cluster_types.go).
  const observation = observationOf(entry, [conditionOf(conditions, 'Ready')?.observedGeneration], context)
  const annotations = object.metadata.annotations ?? {}
  const annotate = (...what: readonly string[]): Hint =>
    context.kubectl(['annotate', 'clusters.postgresql.cnpg.io', object.metadata.name, ...what])
  const progress = judgeDatabase({
    observation,
    hibernated: annotations[HIBERNATION] === 'on',
    asleep: isTrue(conditions, HIBERNATION),
    leftAlone: annotations[LOOP] === 'disabled',
    wake: annotate(`${HIBERNATION}=off`, '--overwrite'),
    resume: annotate(`${LOOP}-`),
    instances,
    readyInstances,
    phase,
  })
  const pods = progress.state === 'progressing' ? context.cache.podsBelow(entry.uid) : []
  return {
    progress,
    counts: { ready: Math.min(readyInstances, instances), wanted: instances },
    current: pods,
    old: [],
    symptoms: observation.state === 'awaited' ? [] : givenUp(entry, phase, context),
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
    ...(observation.state === 'awaited' && observation.until !== undefined ? { until: observation.until } : {}),
  }
}

function givenUp(entry: ObservedObject, phase: string, { kubectl }: RuleContext): Symptom[] {
  if (!GIVEN_UP.has(phase)) return []
  const { phaseReason = '' } = statusOf(entry.object)
  const why = phaseReason === '' ? phase : `${phase} (${phaseReason})`
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is stalled: ${why}`,
      brief: phase,
      on: entry,
      below: [],
      hint: kubectl(['describe', 'clusters.postgresql.cnpg.io', entry.object.metadata.name]),
      dueAt: 0,
      seq: entry.marks.get(`phase=${phase}`)?.seq ?? ALWAYS_FRESH,
    },
  ]
}
