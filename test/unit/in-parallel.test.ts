import { expect, test } from '@jest/globals'
import { inParallel } from '../../src/flows/in-parallel.ts'
import { settled } from '../support/fake-clock.ts'

test('so many at a time, what comes of them in their order', async () => {
  let [now, most] = [0, 0]
  const made = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, (now += 1))
    for (let turn = 0; turn < turns; turn += 1) await settled()
    now -= 1
    return turns * 10
  })
  expect([made, most]).toEqual([[50, 10, 40, 20, 30], 2])
})

test('the first failure ends it, and nothing more is begun', async () => {
  const begun: number[] = []
  const all = inParallel([0, 1, 2, 3, 4, 5], 2, async (one) => {
    begun.push(one)
    await settled()
    if (one === 1) throw new Error('one')
  })
  await expect(all).rejects.toThrow('one')
  await settled()
  expect(begun).toEqual([0, 1, 2])
})

test('nothing to do is done', async () =>
  expect(await inParallel([], 8, async (one) => await Promise.resolve(one))).toEqual([]))
