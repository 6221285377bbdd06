import type { KubeObject } from '../kube.ts'
import { valueAt } from './field-path.ts'
import { foreignFields, ownerOf } from './managers.ts'
import type { Conflict, FieldChange } from './model.ts'
import { sameValue } from './same-value.ts'

/**
 * Fields that the deploy changes and that a manager other than helm owns, by the live object's managedFields: the same
 * for both helms, of which only helm 4 would find them, in the middle of the upgrade. A manager that once wrote (kubectl
 * set, edit, scale) the very value that the chart was then deployed with has been agreed with: helm takes the field over.
 * One that declares the field by server-side apply would write it again, and one whose value no deploy ever stated would
 * lose it: those hold the field. A field that is given up is no conflict: it stays with its owner.
 */
export function conflictsOf(
  changes: readonly FieldChange[],
  previous: KubeObject | undefined,
  live: KubeObject,
): Conflict[] {
  const owned = foreignFields(live)
  return changes.flatMap(({ path, before, after }) => {
    const owner = before === undefined || after === undefined ? undefined : ownerOf(path, owned)
    if (owner === undefined) return []
    const deployed = valueAt(previous, path)
    const agreed = deployed !== undefined && sameValue(deployed, before, path, live) && owner.operation === 'Update'
    return [{ field: path, manager: owner.manager, held: !agreed }]
  })
}

/** Fields that another manager holds and that the deploy would change: only where the policy overwrites. */
export function heldConflicts<T extends { readonly conflicts: readonly Conflict[] }>(
  objects: readonly T[],
): { readonly plan: T; readonly conflict: Conflict }[] {
  return objects.flatMap((plan) => plan.conflicts.filter(({ held }) => held).map((conflict) => ({ plan, conflict })))
}
