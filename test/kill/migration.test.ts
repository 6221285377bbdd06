import { expect, test } from '@jest/globals'
import { HIT, hitAndGoOn, migrationTable, pointsOf, writesOf } from '../support/kill-migration.ts'
import { inPool, some } from '../support/kill-points.ts'
import { randomFrom } from '../support/random.ts'

/** FORGE_KILL_SEED repeats a run; FORGE_KILL_POINTS takes some of the points instead of all. */
const SEED = Number(process.env['FORGE_KILL_SEED'] ?? Date.now() % 1_000_000)
const POINTS = Number(process.env['FORGE_KILL_POINTS'] ?? Number.POSITIVE_INFINITY)
const AT_ONCE = 6

test('a migration that is killed at any point, on its way there or back, is completed or taken back', async () => {
  const scenes = HIT.flatMap((hit) => ([3, 4] as const).map((helm) => ({ hit, helm })))
  const writes = await inPool(scenes, AT_ONCE, async ({ hit, helm }) => await writesOf(hit, helm))
  const all = scenes.flatMap(({ hit, helm }, at) => pointsOf(hit, helm, writes[at] ?? [], SEED + helm))
  const points = Number.isFinite(POINTS) ? some(all, POINTS, randomFrom(SEED)) : all

  const outcomes = await inPool(points, AT_ONCE, hitAndGoOn)

  process.stderr.write(`\nseed ${SEED}, ${points.length} of ${all.length} points\n${migrationTable(outcomes)}\n`)
  expect(outcomes.filter(({ at }) => at === 'not reached').length).toBeLessThanOrEqual(outcomes.length / 10)
  expect(migrationTable(outcomes.filter(({ problems }) => problems.length > 0))).toBe('')
}, 1_800_000)
