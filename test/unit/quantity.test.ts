import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '../../src/domain/quantity.ts'

describe('quantities', () => {
  test.each([
    ['1', 1],
    ['1000m', 1],
    ['1100m', 1.1],
    ['250m', 0.25],
    ['8500000n', 0.0085],
    ['100u', 0.0001],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1.', 1],
    ['-2', -2],
    ['+3k', 3_000],
    ['1e3', 1_000],
    ['1E3', 1_000],
    ['12e-1', 1.2],
    ['1E', 1e18],
    ['128Mi', 134_217_728],
    ['1Gi', 1_073_741_824],
    ['1.5Gi', 1_610_612_736],
    ['129M', 129_000_000],
    ['2Ti', 2_199_023_255_552],
    ['1Pi', 2 ** 50],
    ['0', 0],
  ])('%s', (text, value) => expect(parseQuantity(text)).toBe(value))

  test.each(['', 'Gi', '1GB', '1 Gi', '1mi', 'abc', '1e', '--1', '1.2.3'])('%p is none', (text) =>
    expect(parseQuantity(text)).toBeUndefined(),
  )
})
