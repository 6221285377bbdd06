import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { lastName, valueAt } from '../../domain/plan/field-path.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import { isAmbiguousPorts, isBuiltIn } from '../../domain/prediction/three-way.ts'
import type { ReleasePlan } from '../phases/planned.ts'
import { withEditedRecord, type RecordPorts } from '../deploy/record.ts'

/**
 * What somebody made of a custom resource and the deploy takes back. helm compares such an object's old manifest with the new
 * one and never looks at the cluster, so these fields have to stand in the old one as they are live.
 */
function driftedFields({ drift, ref }: ObjectPlan): KeptValue[] {
  if (isBuiltIn(ref)) return []
  return drift.filter(({ end }) => end === 'overwritten').map(({ path, live }) => ({ path, value: live }))
}

/** The last manifest of an object as helm has to be given it. */
export function previousToPatch(plan: ObjectPlan, previous: KubeObject | undefined): KubeObject | undefined {
  return previous === undefined ? undefined : withValues(previous, driftedFields(plan))
}

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

/** A list of ports that changes and that no patch can change. Undefined: none. */
export function unpatchablePorts(
  { changes }: ObjectPlan,
  states: readonly (KubeObject | undefined)[],
): string | undefined {
  const lists = changes.flatMap(({ path }) => {
    const list = path.replace(/\[[^\]]*\][^[]*$/u, '')
    return lastName(list) === 'ports' ? [list] : []
  })
  return lists.find((path) => states.some((state) => isAmbiguousPorts(valueAt(state, path))))
}
