import { keyOf } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import type { ReleasePlan } from '../phases/planned.ts'
import { driftedFields } from '../plan/patched.ts'
import type { RecordEdit } from './record.ts'

/** While helm runs, its record of this revision holds the drift of custom resources that it is to take back. */
export function driftInRecord(
  { way, plans, release: { namespace } }: Pick<ReleasePlan, 'way' | 'plans' | 'release'>,
  revision: number | undefined,
): RecordEdit[] {
  const drifted = plans.map((plan) => [keyOf(plan.ref), driftedFields(plan)] as const)
  const objects = Object.fromEntries(drifted.filter(([, values]) => values.length > 0))
  if (revision === undefined || way !== 'patch' || Object.keys(objects).length === 0) return []
  return [{ revision, edit: (manifest) => keepValues(manifest, { namespace, objects }) }]
}
