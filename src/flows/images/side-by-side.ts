import { inParallel } from '../in-parallel.ts'

/**
 * What `action` makes of each, in order. The first that fails ends the others, and its error is thrown when all of them have ended:
 * nothing goes on behind it.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  action: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  try {
    return await inParallel(
      items,
      atOnce,
      async (item) =>
        await action(item, either).catch((error: unknown) => {
          failed.abort(error)
          throw error
        }),
    )
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error
  }
}
