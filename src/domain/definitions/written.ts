import type { JournalDefinition, JournalStep } from '../journal/model.ts'
import { nameOf, type KubeObject, type ObjectRef } from '../kube.ts'

/** As whom forge writes what is its own, by server-side apply. */
const MANAGER = 'forge'

/** What the journal keeps of a definition before it is written. */
export function aboutToWrite(ref: ObjectRef, live: KubeObject | undefined): JournalDefinition {
  const applied = appliedAt(live)
  return { ref, isNew: live === undefined, ...(applied === undefined ? {} : { applied }) }
}

/** Whether it has been written since: an apply that changes something leaves its time, and the lock keeps other forges away. */
export function hasWritten({ applied }: JournalDefinition, now: KubeObject | undefined): boolean {
  return now !== undefined && appliedAt(now) !== applied
}

/** Whether a deploy has made it what it was, as its steps tell. */
export function isTakenBack({ kind, name }: ObjectRef, steps: readonly JournalStep[]): boolean {
  return steps.some(
    ({ operation, outcome }) =>
      outcome === 'done' && operation.op === 'take-back' && operation.kind === kind && operation.name === name,
  )
}

/** What is said of it after a deploy that did not come to its end, and of which nobody keeps what was before. */
export function keptText({ ref, isNew }: JournalDefinition): string {
  return isNew
    ? `${nameOf(ref)} of crds/, which it made, stays: deleting it would delete what is stored by it`
    : `${nameOf(ref)} of crds/ stays as it made it: what has been stored since may need it`
}

function appliedAt(live: KubeObject | undefined): string | undefined {
  const own = live?.metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === MANAGER && operation === 'Apply' && (subresource ?? '') === '',
  )
  return own?.time
}
