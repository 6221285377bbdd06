import { expect, test } from '@jest/globals'
import { playStack } from '../support/play-stack.ts'

/** FORGE_PROMISE_SEED repeats a run; FORGE_PROMISE_RUNS is how many stacks there are. */
const SEED = Number(process.env['FORGE_PROMISE_SEED'] ?? Date.now() % 1_000_000)
const RUNS = Number(process.env['FORGE_PROMISE_RUNS'] ?? 60)

test(`${RUNS} stacks are taken over by charts that say it otherwise, and given back (seed ${SEED})`, async () => {
  const problems: string[] = []
  for (let at = 0; at < RUNS; at += 1) problems.push(...(await playStack(SEED + at)))
  expect(problems.join('\n')).toBe('')
}, 14_400_000)
