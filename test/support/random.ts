export type Random = () => number

/** mulberry32: one seed, one sequence of numbers from 0 up to 1. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function oneOf<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T
}

/** Up to so many pieces, one behind the other. */
export function joined(random: Random, pieces: readonly string[], most: number): string {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, () => oneOf(random, pieces)).join('')
}
