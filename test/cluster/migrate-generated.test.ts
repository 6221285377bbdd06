import { expect, test } from '@jest/globals'
import { playStack } from '../support/play-stack.ts'

/** The short form of `npm run test:promise -- migrations`; FORGE_PROMISE_SEED repeats a run. */
const SEED = Number(process.env['FORGE_PROMISE_SEED'] ?? Date.now() % 1_000_000)

test.each([SEED, SEED + 1])(
  'a stack and a chart of any kind: nothing foreign changes, nothing is lost, all of it comes back (seed %i)',
  async (seed) => {
    expect((await playStack(seed)).join('\n')).toBe('')
  },
)
