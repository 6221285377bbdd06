import { ALWAYS_FRESH, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { JudgeOptions } from '../model.ts'
import { statusOf } from '../shapes.ts'
import type { ObservedObject } from '../object-cache.ts'

export const HEALTHY = 'Cluster in healthy state'

/** An update that a person has to finish: `primaryUpdateStrategy: supervised`. */
export const WAITING_FOR_USER = 'Waiting for user action'

/** Another instance becomes the primary: the one of before ends for that, and starts again as a standby. */
export const MOVES: ReadonlySet<string> = new Set(['Switchover in progress', 'Failing over'])

interface Wrong {
  /** How long it may last; undefined: its operator does nothing more until somebody acts. */
  readonly grace?: keyof Pick<JudgeOptions, 'controllerGraceMs' | 'missingGraceMs' | 'volumeGraceMs'>
  /** What shows more than its description. */
  readonly look?: (cluster: string) => readonly string[]
}

const catalogs = (): readonly string[] => [
  'get',
  'imagecatalogs.postgresql.cnpg.io,clusterimagecatalogs.postgresql.cnpg.io',
]
const claims = (cluster: string): readonly string[] => [
  'get',
  'persistentvolumeclaims',
  '--selector',
  `cnpg.io/cluster=${cluster}`,
]

/**
 * Phases in which CloudNativePG says that something is wrong: whole sentences, compared as such (api/v1/cluster_types.go and
 * internal/controller of 1.27 and later). What its operator tries again, or looks at anew when another object comes, has a window.
 */
const WRONG: Readonly<Record<string, Wrong>> = {
  'Cluster is unrecoverable and needs manual intervention': {},
  'Cluster is in an unrecoverable state, needs manual intervention': {},
  'Cluster cannot execute instance online upgrade due to missing architecture binary': {},
  'Invalid cluster definition': {},
  'Cluster has incomplete or invalid image catalog': { grace: 'missingGraceMs', look: catalogs },
  'Cluster cannot proceed to reconciliation due to an unknown plugin being required': { grace: 'controllerGraceMs' },
  'Cluster cannot proceed to reconciliation due to an error while interacting with plugins': {
    grace: 'controllerGraceMs',
  },
  'Unable to create required cluster objects': { grace: 'controllerGraceMs' },
  'Instance Status Extraction Error: HTTP communication issue': { grace: 'missingGraceMs' },
  'Not enough disk space': { grace: 'volumeGraceMs', look: claims },
}

/** What its operator says that is wrong with it. */
export function phaseSymptoms(
  entry: ObservedObject,
  phase: string,
  { kubectl, options }: Pick<RuleContext, 'kubectl' | 'options'>,
): Symptom[] {
  const wrong = Object.hasOwn(WRONG, phase) ? WRONG[phase] : undefined
  if (wrong === undefined) return []
  const { phaseReason = '' } = statusOf(entry.object)
  const { name } = entry.object.metadata
  const mark = entry.marks.get(`phase=${phase}`)
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `is stalled: ${phase}${phaseReason === '' ? '' : ` (${words(phaseReason)})`}`,
      brief: phase,
      on: entry,
      below: [],
      hint: kubectl(wrong.look?.(name) ?? ['describe', 'clusters.postgresql.cnpg.io', name]),
      dueAt: wrong.grace === undefined ? 0 : (mark?.at ?? entry.bornAt) + options[wrong.grace],
      seq: mark?.seq ?? ALWAYS_FRESH,
    },
  ]
}
