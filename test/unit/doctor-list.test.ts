import { expect, test } from '@jest/globals'
import { OF_DEPLOY } from '../../src/flows/doctor/check-list.ts'
import { OF_PROJECT } from '../../src/flows/observe/observe.ts'
import { BEFORE_DEPLOY } from '../../src/flows/plan/check-list.ts'

test('forge doctor knows where to show each check of a deploy', () => {
  const all: readonly unknown[] = [...OF_PROJECT, ...Object.values(BEFORE_DEPLOY).flat()]
  expect(all.length).toBeGreaterThan(30)
  expect(all.filter((one) => !OF_DEPLOY.has(one)).map(String)).toEqual([])
})
