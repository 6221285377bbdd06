import type { Symptom } from './symptom.ts'
import { livePods, readyPods, type Assessment } from './workloads/assessment.ts'

/** How many pods must be ready before the workload is: all, or what `minReady` of its stage says is enough. */
export function neededPods({ expectedPods }: Pick<Assessment, 'expectedPods'>, percent: number): number {
  return Math.ceil((expectedPods * percent) / 100)
}

/**
 * Failures that count although some pods may be missing: none, as long as enough others can still become ready. Pods that
 * cannot be created at all are missing as much as broken ones.
 */
export function beyondSpare(
  due: readonly Symptom[],
  { current, expectedPods }: Assessment,
  needed: number,
): readonly Symptom[] {
  const spare = expectedPods - needed
  if (spare <= 0) return due
  const pods = new Set(current.map(({ uid }) => uid))
  const broken = new Set(due.map(({ on }) => on.uid).filter((uid) => pods.has(uid))).size
  const isCreating = due.some(({ code }) => code === 'E_QUOTA' || code === 'E_ADMISSION')
  const lacking = isCreating ? Math.max(expectedPods - livePods(current).length, 0) : 0
  return broken + lacking <= spare ? [] : due
}

/** `8/10, 80% are enough`; undefined while too few pods of the wanted revision are ready, or where all are wanted. */
export function enoughDetail(
  { current, expectedPods }: Assessment,
  needed: number,
  percent: number,
): string | undefined {
  const ready = readyPods(current)
  return needed < expectedPods && ready >= needed ? `${ready}/${expectedPods}, ${percent}% are enough` : undefined
}
