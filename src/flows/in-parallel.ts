import { allInOrder } from './all-in-order.ts'

/**
 * What `action` makes of each, in order, at most `atOnce` at a time. A failure begins nothing more, and is thrown once what runs
 * has ended: nothing is written behind the back of who deals with it.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  let failed = false
  const work = async (): Promise<void> => {
    for (const [at, item] of queue) {
      if (failed) return
      results[at] = await action(item).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  await allInOrder(Array.from({ length: Math.min(atOnce, items.length) }, work))
  return results
}
