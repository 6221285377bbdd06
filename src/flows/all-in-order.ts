/** All at once; of several failures the first in this order is told, whichever came first: the same input, the same answer. */
export async function allInOrder<const Checks extends readonly Promise<unknown>[]>(
  checks: Checks,
): Promise<{ -readonly [At in keyof Checks]: Awaited<Checks[At]> }> {
  const ends = await Promise.allSettled(checks)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason as Error
  const values = ends.map((end) => (end.status === 'fulfilled' ? end.value : undefined))
  return values as { -readonly [At in keyof Checks]: Awaited<Checks[At]> }
}
