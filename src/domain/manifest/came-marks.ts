import type { CameMark } from '../journal/model.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { references, type Reference } from './references.ts'
import { ANNOTATIONS, annotationsOf, markAt, markPath } from './restart-marks.ts'

/** What was never written, because the pods that it would restart ran before helm. */
const WITHHELD = ''

/** An annotation of a chart's own that restarts pods when what they consume changes; helm's documentation calls it checksum. */
const RESTARTS =
  /^(?:checksum\/|forge\.api-forge\.io\/(?:configmap|secret)-)|(?:^|\/)(?:[a-z-]*checksum|[a-z-]*sha256(?:sum)?|config-hash)$/iu

/**
 * Pods that ran before helm, and that a release takes over, have no such annotations: they get none as long as what they consume
 * is what it was then. `before`: the workload as it was last stated. `taken`: by this very deploy. Of those of the chart all that are withheld come as one
 * without a value: they are taken out of its render.
 */
export function withheld(
  object: KubeObject,
  marks: readonly KeptValue[],
  before: KubeObject | undefined,
  came: readonly CameMark[],
  taken: boolean,
): { readonly marks: readonly KeptValue[]; readonly came: readonly CameMark[] } {
  if (before === undefined) return { marks, came: [] }
  const workload = keyOf(before)
  const had = annotationsOf(before)
  const isWithheld = (mark: string, value: unknown): boolean =>
    had[mark] === undefined &&
    (taken ||
      came.some(
        (one) => one.workload === workload && one.mark === mark && one.written === WITHHELD && one.came === value,
      ))
  const stated = Object.entries(annotationsOf(object))
  const own = stated.filter(([mark, value]) => RESTARTS.test(mark) && isWithheld(mark, value))
  const added = marks.map((one) => ({ one, mark: markAt(one.path) }))
  const left = added.filter(({ one, mark }) => isWithheld(mark, one.value))
  return {
    marks: [...added.filter((each) => !left.includes(each)).map(({ one }) => one), ...takenOut(own, stated.length)],
    came: [...own, ...left.map(({ mark, one }) => [mark, String(one.value)] as const)].map(([mark, value]) => {
      return { workload, mark, written: WITHHELD, came: value }
    }),
  }
}

export function withholds(came: readonly CameMark[]): boolean {
  return came.some(({ written }) => written === WITHHELD)
}

/** An empty map is not the same as none: it would be a change of the template. */
function takenOut(own: readonly (readonly [string, string])[], all: number): KeptValue[] {
  if (own.length === all && all > 0) return [{ path: ANNOTATIONS, value: undefined }]
  return own.map(([mark]) => ({ path: markPath(mark), value: undefined }))
}

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
