import type { CameMark } from '../journal/model.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { references, type Reference } from './references.ts'
import { annotationsOf, markPath } from './restart-marks.ts'

/**
 * Pods that wait for a Secret begin with what comes, and their mark says that there was none. As long as the Secret is what it
 * was when their deploy had ended, nothing has changed for them: the mark stays as it was written. `before`: the workload as
 * it was last deployed.
 */
export function asBegun(
  marks: readonly KeptValue[],
  before: KubeObject | undefined,
  came: readonly CameMark[],
): { readonly marks: readonly KeptValue[]; readonly came: readonly CameMark[] } {
  const known = before === undefined ? [] : came.filter(({ workload }) => workload === keyOf(before))
  const found = marks.map((one) => {
    const still = known.find(({ mark, came: value, written }) => {
      return markPath(mark) === one.path && value === one.value && annotationsOf(before)[mark] === written
    })
    return { still, mark: still === undefined ? one : { ...one, value: still.written } }
  })
  return { marks: found.map(({ mark }) => mark), came: found.flatMap(({ still }) => still ?? []) }
}

/** No container of the pods starts without it. */
export function isWaitedFor(workload: KubeObject, { kind, name }: Pick<Reference, 'kind' | 'name'>): boolean {
  const own = references(workload).filter((one) => one.kind === kind && one.name === name)
  return own.length > 0 && own.every(({ optional }) => !optional)
}

/** It is as it was made, so that whoever waited for it has begun with that. */
export function isAsMade({ metadata: { creationTimestamp, managedFields = [] } }: KubeObject): boolean {
  return managedFields.length > 0 && managedFields.every(({ time }) => time === creationTimestamp)
}
