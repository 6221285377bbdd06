import { keyOf } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import type { ReleasePlan } from '../phases/planned.ts'
import { driftedFields } from '../plan/patched.ts'
import { withEditedRecord, type RecordPorts } from './record.ts'

/** While helm runs, its record of this revision holds the drift of custom resources that it is to take back. */
export async function withDriftInRecord(
  work: Pick<ReleasePlan, 'way' | 'plans' | 'release'>,
  revision: number | undefined,
  ports: RecordPorts,
  helm: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { way, plans, release } = work
  const objects = Object.fromEntries(
    plans.map((plan) => [keyOf(plan.ref), driftedFields(plan)] as const).filter(([, values]) => values.length > 0),
  )
  if (revision === undefined || way !== 'patch' || Object.keys(objects).length === 0) return await helm()
  const { namespace } = release
  await withEditedRecord(
    work,
    revision,
    (manifest) => keepValues(manifest, { namespace, objects }),
    ports,
    helm,
    signal,
  )
}
