import { gitopsOwned } from '../../domain/gitops.ts'
import { keyOf } from '../../domain/kube.ts'
import { gitopsRefusal, managedRefusal } from '../observe/gitops.ts'
import type { Applied } from '../phases/applied.ts'
import type { Refusal } from '../phases/findings.ts'
import { installed, type Removals } from './prepare.ts'

/** E_GITOPS_OWNED: what would be taken away, where it is, and helm's record of it. */
export function ownedRemovals(
  { each, claims }: Removals,
  { facts, live, project }: Applied,
  deleteData: boolean,
): Refusal[] {
  const going = each.flatMap(({ plan }) => plan.goes.flatMap((ref) => live.get(keyOf(ref)) ?? []))
  const records = each.flatMap(({ work }) => (installed(work) ? (work.history[0]?.secret ?? []) : []))
  const namespaces = facts.namespaces.flatMap(({ object }) => object ?? [])
  const owned = gitopsOwned([...namespaces, ...going, ...records, ...(deleteData ? claims : [])])
  return [...managedRefusal(project), ...gitopsRefusal(owned, project.environment.namespace, facts.resources)]
}
