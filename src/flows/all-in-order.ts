/** All at once; of several failures the first in this order is told, whichever came first: the same input, the same answer. */
export async function allInOrder(checks: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(checks)).find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason as Error
}
