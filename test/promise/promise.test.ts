import { expect, test } from '@jest/globals'
import { playPromise } from '../support/promise.ts'

/** FORGE_PROMISE_SEED repeats a run, FORGE_PROMISE_ONLY one of its scenarios; FORGE_PROMISE_RUNS is their number. */
const SEED = Number(process.env['FORGE_PROMISE_SEED'] ?? Date.now() % 1_000_000)
const RUNS = Number(process.env['FORGE_PROMISE_RUNS'] ?? 500)
const ONLY = process.env['FORGE_PROMISE_ONLY']

test(`a deploy reaches the new state or returns to the old one, ${RUNS} times (seed ${SEED})`, async () => {
  const broken = await playPromise(SEED, RUNS, ONLY === undefined ? undefined : Number(ONLY))
  expect(broken.map(({ story }) => story).join('\n\n')).toBe('')
}, 14_400_000)
