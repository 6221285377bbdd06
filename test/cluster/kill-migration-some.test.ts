import { expect, test } from '@jest/globals'
import { hitAndGoOn, migrationTable, pointsOf, writesOf } from '../support/kill-migration.ts'
import { inPool, some } from '../support/kill-points.ts'
import { randomFrom } from '../support/random.ts'

const POINTS = 6

/** The short form of `npm run test:kill`: other points each time, told by the seed (FORGE_KILL_SEED repeats it). */
test('a migration that is killed, or its way back, is completed or taken back', async () => {
  const seed = Number(process.env['FORGE_KILL_SEED'] ?? Date.now() % 1_000_000)
  const scenes = [{ hit: 'migrate', helm: 3 } as const, { hit: 'undo', helm: 4 } as const]
  const points = await Promise.all(
    scenes.map(async ({ hit, helm }) => pointsOf(hit, helm, await writesOf(hit, helm), seed)),
  )

  const outcomes = await inPool(some(points.flat(), POINTS, randomFrom(seed)), POINTS, hitAndGoOn)

  expect(outcomes.filter(({ at }) => at === 'not reached').length).toBeLessThan(POINTS / 2)
  const bad = outcomes.filter(({ problems }) => problems.length > 0)
  expect({ seed, bad: migrationTable(bad) }).toEqual({ seed, bad: '' })
}, 300_000)
