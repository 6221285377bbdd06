import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { chartNames, CHARTS, habitIn } from './chart-habits.ts'
import { walkChart } from './chart-walk.ts'

/** One test per chart of test/charts, or of `names`. */
export async function describeCharts(major: 3 | 4, names?: readonly string[]): Promise<void> {
  const all = names ?? (await chartNames())
  const habits = await Promise.all(all.map(async (name) => ({ name, ...(await habitIn(join(CHARTS, name))) })))
  describe(`with helm ${major}, as helm alone leaves it`, () => {
    test.each(habits)('$name: $about', async ({ name }) => expect(await walkChart(name, major)).toEqual([]), 300_000)
  })
}
