import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonical, isEqual } from '../../src/domain/canonical.ts'

test.each([
  [
    { a: 1, b: [{ c: 2, d: 3 }] },
    { b: [{ d: 3, c: 2 }], a: 1 },
  ],
  [{ a: undefined }, {}],
  [[undefined], [null]],
  [
    { '10': 1, '9': 2, z: 3 },
    { z: 3, '9': 2, '10': 1 },
  ],
  [-0, 0],
])('%j is %j, whatever the order of keys', (one, other) => {
  expect([isEqual(one, other), isEqual(other, one), canonical(one) === canonical(other)]).toEqual([true, true, true])
})

test.each([
  [{ a: 1 }, { a: '1' }],
  [
    [1, 2],
    [2, 1],
  ],
  [[], {}],
  [{}, null],
  [undefined, ''],
  [undefined, null],
  [{ a: null }, {}],
  [{}, JSON.parse('{"__proto__": {}}') as unknown],
  [{ constructor: Object.prototype.constructor.name }, {}],
])('%j is not %j', (one, other) => {
  expect([isEqual(one, other), isEqual(other, one), canonical(one) === canonical(other)]).toEqual([false, false, false])
})

test('what is equal has one text, and only that', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  fc.assert(
    fc.property(value, value, (one, other) => {
      const again = JSON.parse(canonical(one)) as unknown
      expect(isEqual(one, again)).toBe(true)
      expect(isEqual(one, other)).toBe(canonical(one) === canonical(other))
    }),
  )
})
