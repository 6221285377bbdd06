import { expect, test } from '@jest/globals'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import { planEnd } from '../../src/screen/plan-end.ts'
import { HERE } from '../support/hints.ts'

const PLAN = {
  environment: 'prod',
  unchanged: false,
  drift: 'overwrite',
  live: null,
  objects: [],
  images: [],
  releases: [],
  secrets: [],
  restarts: [],
  losses: [],
  unknownLosses: [],
} as unknown as PlanDocument

test.each<[NonNullable<PlanDocument['taking']>]>([[['--adopt']], [['--overwrite-drift']]])(
  'the next command takes over what the plan takes over: %s',
  (taking) =>
    expect(planEnd({ ...PLAN, taking }, { saved: undefined, width: undefined }, HERE).at(-1)).toBe(
      `next     forge plan --env prod ${taking.join(' ')} --out p.json && forge deploy --plan p.json`,
    ),
)

test('what a deploy would build is no "no changes", and is counted', () => {
  const image = { name: 'web', ref: 'web:1', what: 'not built' }
  const [first] = planEnd(
    { ...PLAN, images: [{ ...image, builds: true }, image] },
    { saved: undefined, width: undefined },
    HERE,
  )
  expect(first).toBe('1 image to build, first install of 0 objects, 0 restarts, no data deleted. Nothing was written.')
})
