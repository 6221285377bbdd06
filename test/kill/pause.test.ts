import { expect, test } from '@jest/globals'
import { hitPause, pausePoints, pauseTable } from '../support/kill-pause.ts'
import { inPool, some } from '../support/kill-points.ts'
import { randomFrom } from '../support/random.ts'

const SEED = Number(process.env['FORGE_KILL_SEED'] ?? Date.now() % 1_000_000)
const POINTS = Number(process.env['FORGE_KILL_POINTS'] ?? Number.POSITIVE_INFINITY)
const AT_ONCE = 8

test('a pause or a resumption that is ended at any point leads on, and back, without a trace', async () => {
  const random = randomFrom(SEED)
  const all = await pausePoints(random)
  const points = Number.isFinite(POINTS) ? some(all, POINTS, random) : all
  const outcomes = await inPool(points, AT_ONCE, hitPause)
  process.stderr.write(`\nseed ${SEED}, ${points.length} of ${all.length} points\n${pauseTable(outcomes)}\n`)
  expect(outcomes.filter(({ hit }) => hit === 'not reached').length).toBeLessThanOrEqual(outcomes.length / 10)
  expect(pauseTable(outcomes.filter(({ problems }) => problems.length > 0))).toBe('')
}, 1_800_000)
