import { KILLS, type Outcome, type Point, type Scenario } from './kill-matrix.ts'
import type { Write } from './write-proxy.ts'

/** One point at every write of a run, and some in its stages; who is killed, and on which side of the write, is random. */
export function pointsOf(scenario: Scenario, helm: 3 | 4, writes: readonly Write[], random: () => number): Point[] {
  const kill = (): Point['kill'] => KILLS[Math.floor(random() * KILLS.length)] ?? 'group'
  const atWrites = writes.map(({ number }): Point => {
    const fate = random() < 0.5 ? 'lose' : 'mute'
    return { scenario, helm, kill: kill(), at: { write: number, fate } }
  })
  const inStages = KILLS.map((one): Point => {
    const stage = random() < 0.3 ? 'schema' : 'web'
    return { scenario, helm, kill: one, at: { stage, afterMs: Math.floor(random() * 1500) } }
  })
  return [...atWrites, ...inStages]
}

/** `count` of them, spread evenly. */
export function some<T>(points: readonly T[], count: number, random: () => number): T[] {
  const shuffled = points.map((point) => ({ point, key: random() })).sort((a, b) => a.key - b.key)
  return shuffled.slice(0, count).map(({ point }) => point)
}

/** A few at a time: most of each is spent waiting for a dead holder's lease. */
export async function inPool<T, R>(items: readonly T[], size: number, action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const work = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await action(item)
  }
  await Promise.all(Array.from({ length: size }, work))
  return results
}

export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ point: { scenario, helm, kill }, hit, ended, problems }) =>
    [
      scenario.padEnd(8),
      `helm ${helm}`,
      kill.padEnd(7),
      hit.padEnd(66),
      ended.padEnd(8),
      problems.join('; ') || 'ok',
    ].join('  '),
  )
  return rows.join('\n')
}
