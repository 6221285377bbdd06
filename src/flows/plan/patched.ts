import type { KubeObject } from '../../domain/kube.ts'
import { lastName, valueAt } from '../../domain/plan/field-path.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import { isAmbiguousPorts, isBuiltIn } from '../../domain/prediction/three-way.ts'

/**
 * What somebody made of a custom resource and the deploy takes back. helm compares such an object's old manifest with the new
 * one and never looks at the cluster, so these fields have to stand in the old one as they are live.
 */
export function driftedFields({ drift, ref }: ObjectPlan): KeptValue[] {
  if (isBuiltIn(ref)) return []
  return drift.filter(({ end }) => end === 'overwritten').map(({ path, live }) => ({ path, value: live }))
}

/** The last manifest of an object as helm has to be given it. */
export function previousToPatch(plan: ObjectPlan, previous: KubeObject | undefined): KubeObject | undefined {
  return previous === undefined ? undefined : withValues(previous, driftedFields(plan))
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
