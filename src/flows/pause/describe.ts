import { keyOf, nameOf } from '../../domain/kube.ts'
import type { PausePlan } from '../../domain/pause/plan.ts'
import type { PausedObject } from '../../domain/pause/report.ts'

/** Object by object, in the order in which they are carried out. */
export function pausedObjects({ tiers }: PausePlan, done: ReadonlySet<string> = new Set()): PausedObject[] {
  return tiers.flatMap(({ name: stage, steps }) =>
    steps.map(({ ref, name, from, to, note }) => ({
      object: nameOf(ref),
      ...{ name, stage },
      from: from ?? null,
      to: to ?? null,
      state: done.has(keyOf(ref)) ? 'done' : 'todo',
      note: note ?? null,
    })),
  )
}
