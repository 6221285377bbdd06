/** What `action` makes of each, in order, at most `atOnce` at a time. The first failure is thrown, and begins nothing more. */
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
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  return results
}
