import { expect, test } from '@jest/globals'
import { recordLength, richProject } from '../support/rich-chart.ts'

test.each([3, 4] as const)('helm %s: its record is as large as the plan says', async (helm) => {
  const small = await richProject(helm)
  const said = (await small.plan()).releases[0]?.recordBytes ?? 0
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const real = await recordLength(small.namespace, 1)
  expect(Math.abs(said / real - 1)).toBeLessThan(0.03)
})
