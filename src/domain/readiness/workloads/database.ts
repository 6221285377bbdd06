import { ALWAYS_FRESH, type Scene, type Signal } from '../signal.ts'
import { specOf, statusOf } from '../shapes.ts'
import type { Entry } from '../world.ts'
import { UNOBSERVED, isObserved, paused, progressing, ready, type Assess, type Progress } from './assessment.ts'

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

export interface DatabaseFacts {
  readonly observed: boolean
  readonly hibernated: boolean
  readonly instances: number
  readonly readyInstances: number
  readonly phase: string
}

/** CloudNativePG's Cluster: all instances ready, and its own word that nothing is left to do. */
export function judgeDatabase({ observed, hibernated, instances, readyInstances, phase }: DatabaseFacts): Progress {
  const counts = { ready: readyInstances, wanted: instances }
  if (hibernated) return paused(`it is hibernated (${HIBERNATION})`)
  if (!observed) return progressing(UNOBSERVED, counts)
  if (readyInstances < instances)
    return progressing(`${readyInstances}/${instances} instances ready${phase === '' ? '' : `: ${phase}`}`, counts)
  if (phase !== HEALTHY) return progressing(phase === '' ? 'no status yet' : phase, counts)
  return ready(`${readyInstances}/${instances}`)
}

export const assessDatabase: Assess = (entry, scene) => {
  const { object } = entry
  const { instances = 1 } = specOf(object)
  const { observedGeneration, readyInstances = 0, phase = '' } = statusOf(object)
  const progress = judgeDatabase({
    // The operator writes no observedGeneration in every version; then its phase has to do.
    observed: observedGeneration === undefined || isObserved(entry, observedGeneration),
    hibernated: object.metadata.annotations?.[HIBERNATION] === 'on',
    instances,
    readyInstances,
    phase,
  })
  const pods = progress.state === 'progressing' ? scene.world.podsBelow(entry.uid) : []
  return {
    progress,
    counts: { ready: Math.min(readyInstances, instances), wanted: instances },
    current: pods,
    old: [],
    signals: givenUp(entry, phase, scene),
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
  }
}

function givenUp(entry: Entry, phase: string, { kubectl }: Scene): Signal[] {
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
