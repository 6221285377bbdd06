import { expect, test } from '@jest/globals'
import { fuzz, KINDS } from '../support/fuzz.ts'

/** Together 2,000, always the same; `npm run test:fuzz` takes 100,000 others. */
const EACH = Math.ceil(2000 / KINDS.length)

test.each(KINDS)('%s: whatever stands in it, reading it ends soon, with a value or a code', async (kind) => {
  expect((await fuzz(kind, EACH, 1)).inputs).toBeGreaterThanOrEqual(EACH)
})
