import { expect, test } from '@jest/globals'
import { playPromise } from '../support/promise.ts'

/** A few of `npm run test:promise`, always the same. */
test('a deploy reaches the new state or returns to the old one', async () => {
  const broken = await playPromise(4, 4)
  expect(broken.map(({ story }) => story).join('\n\n')).toBe('')
}, 180_000)
