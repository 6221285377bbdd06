import { expect, test } from '@jest/globals'
import { isFirstObject, standStillAt } from '../support/frozen-holder.ts'
import { hitAndDeploy, writesOf } from '../support/kill-matrix.ts'
import { inPool, pointsOf, some, table } from '../support/kill-points.ts'
import { randomFrom } from '../support/random.ts'

const POINTS = 6

/** The short form of `npm run test:kill`: other points each time, told by the seed (FORGE_KILL_SEED repeats it). */
test('a deploy that is killed is picked up by the next one', async () => {
  const seed = Number(process.env['FORGE_KILL_SEED'] ?? Date.now() % 1_000_000)
  const random = randomFrom(seed)
  const scenes = [{ scenario: 'install', helm: 3 } as const, { scenario: 'upgrade', helm: 4 } as const]
  const points = await Promise.all(
    scenes.map(async ({ scenario, helm }) => pointsOf(scenario, helm, await writesOf(scenario, helm), random)),
  )

  const outcomes = await inPool(some(points.flat(), POINTS, random), POINTS, hitAndDeploy)

  // The order of a run's writes varies a little, so the last ones are not always there to be hit.
  expect(outcomes.filter(({ hit }) => hit === 'not reached').length).toBeLessThan(POINTS / 2)
  const bad = outcomes.filter(({ problems }) => problems.length > 0)
  expect({ seed, bad: table(bad) }).toEqual({ seed, bad: '' })
}, 300_000)

test('a holder that stood still while its helm wrote makes at most that one request', async () => {
  await standStillAt(4, isFirstObject)
}, 180_000)
