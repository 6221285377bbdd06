import { expect, test } from '@jest/globals'
import { hitAndDeploy, writesOf } from '../support/kill-matrix.ts'
import { inPool, pointsOf, some, table } from '../support/kill-points.ts'
import { randomFrom } from '../support/random.ts'

/** FORGE_KILL_SEED repeats a run; FORGE_KILL_POINTS takes some of the points instead of all. */
const SEED = Number(process.env['FORGE_KILL_SEED'] ?? Date.now() % 1_000_000)
const POINTS = Number(process.env['FORGE_KILL_POINTS'] ?? Number.POSITIVE_INFINITY)
const AT_ONCE = 16

test('a deploy that is killed at any point is picked up by the next one', async () => {
  const random = randomFrom(SEED)
  const scenes = (['install', 'upgrade'] as const).flatMap((scenario) =>
    ([3, 4] as const).map((helm) => ({ scenario, helm })),
  )
  const writes = await inPool(scenes, AT_ONCE, async ({ scenario, helm }) => await writesOf(scenario, helm))
  const all = scenes.flatMap(({ scenario, helm }, at) => pointsOf(scenario, helm, writes[at] ?? [], random))
  const points = Number.isFinite(POINTS) ? some(all, POINTS, random) : all

  const outcomes = await inPool(points, AT_ONCE, hitAndDeploy)

  process.stderr.write(`\nseed ${SEED}, ${points.length} of ${all.length} points\n${table(outcomes)}\n`)
  // The order of a run's writes varies a little, so the last ones are not always there to be hit.
  expect(outcomes.filter(({ hit }) => hit === 'not reached').length).toBeLessThanOrEqual(outcomes.length / 10)
  const bad = outcomes.filter(({ problems }) => problems.length > 0)
  expect(table(bad)).toBe('')
}, 1_800_000)
