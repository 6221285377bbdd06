import { describe, expect, test } from '@jest/globals'
import { compareQuantities, formatBytes, formatCpu, parseQuantity } from '../../src/domain/quantity.ts'

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

  test.each([
    ['1000m', '1', true],
    ['1', 1, true],
    ['0.1', '100m', true],
    ['1024Mi', '1Gi', true],
    ['1G', '1Gi', false],
    ['1e3', '1k', true],
    ['x', 'x', false],
  ])('%s and %s are the same: %s', (one, other, same) => expect(compareQuantities(one, other) === 0).toBe(same))

  test('compares', () => {
    expect(compareQuantities('1Gi', '1G')).toBeGreaterThan(0)
    expect(compareQuantities('100m', '1')).toBeLessThan(0)
    expect(compareQuantities('x', '1')).toBeUndefined()
  })

  test('are shown to people', () => {
    expect([8.5, 0.1 + 0.2].map(formatCpu)).toEqual(['8.5', '0.3'])
    expect([0, 512, 1024, 1536 * 1024, 8.5 * 2 ** 30, 2 ** 40].map(formatBytes)).toEqual([
      '0',
      '512',
      '1Ki',
      '1.5Mi',
      '8.5Gi',
      '1Ti',
    ])
  })
})
